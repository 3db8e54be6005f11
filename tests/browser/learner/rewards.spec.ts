import { randomUUID } from 'node:crypto';
import type { APIRequestContext, Page } from '@playwright/test';
import { admin, logIn, logInAsNewResident, newName } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/** Does as an admin what the office would: answers what was made. */
async function make(request: APIRequestContext, token: string, path: string, data: object) {
	const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': randomUUID() };
	const answer = await request.post(`/api/v1${path}`, { headers, data });
	expect(answer.status(), await answer.text()).toBe(201);
}

/** Fifty points, of an admin who is logged in on `office`. */
async function givePoints(office: Page, token: string, resident: string): Promise<void> {
	const { today } = (await (await office.request.get('/api/v1/deployment')).json()) as {
		today: string;
	};
	await make(office.request, token, '/credit-awards', {
		unit: 'point',
		amount: '50',
		reason: '清洁日',
		evidence: 'listed',
		residents: [{ id: resident }],
		earned_on: today,
	});
}

test('rule 21: a reward is chosen, cancelled, chosen again, and handed over for its code', async ({
	page,
	browser,
}) => {
	const title = `毛巾${newName()}`;
	const person = await logInAsNewResident(page);
	const office = await browser.newPage();
	const token = await logIn(office, admin());
	await givePoints(office, token, person.id);
	await make(office.request, token, '/rewards', { title, price: 30, stock: 3 });

	await open(page, '/credits/');
	await expect(page.getByText(/其中 50 积分 .*到期/)).toBeVisible();
	await page.getByRole('link', { name: '积分兑换' }).click();
	await expect(page.getByText('您有 50 积分')).toBeVisible();
	await sweep(page, 'rewards');
	const choose = page.getByRole('button', { name: `兑换 《${title}》` });
	await choose.click();
	await expect(page.getByRole('dialog').filter({ hasText: '会用去 30 积分' })).toBeVisible();
	await page.getByRole('button', { name: '确定兑换' }).click();
	await expect(page.locator('.said')).toContainText('换好了');
	await expect(page.locator('.said')).toBeFocused();
	await expect(page.getByText('您有 20 积分')).toBeVisible();
	await sweep(page, 'a reward that was chosen');

	await page.getByRole('button', { name: `不换了 《${title}》` }).click();
	await page.getByRole('button', { name: '不换了，退回积分' }).click();
	await expect(page.locator('.said')).toContainText('已取消');
	await expect(page.getByText('您有 50 积分')).toBeVisible();
	await choose.click();
	await page.getByRole('button', { name: '确定兑换' }).click();
	await expect(page.locator('.said')).toContainText('换好了');
	const code = page.locator('.code strong');
	await expect(code).toHaveText(/^\d{6}$/);

	await open(office, '/office/rewards/');
	await office.getByRole('button', { name: '查找' }).click();
	await expect(office).toHaveTitle(/^错误：/);
	await office.getByLabel('学员卡或领取码').fill((await code.textContent()) ?? '');
	await office.getByRole('button', { name: '查找' }).click();
	const line = office.getByRole('row').filter({ hasText: person.name });
	await line.getByRole('button', { name: /^发给学员/ }).click();
	await expect(office.getByText(`已把“${title}”发给${person.name}。`)).toBeVisible();
	await open(page, '/rewards/');
	await expect(page.getByText('已领取').first()).toBeVisible();

	// Handed to the wrong one: it comes back, and the learner reads why.
	await office.getByRole('button', { name: `收回 ：${person.name}的${title}` }).click();
	const dialog = office.getByRole('dialog');
	await dialog.getByRole('button', { name: '收回，退还积分' }).click();
	await expect(dialog.getByLabel('为什么收回')).toHaveAttribute('aria-invalid', 'true');
	await dialog.getByLabel('为什么收回').fill('发错了人');
	await dialog.getByRole('button', { name: '收回，退还积分' }).click();
	await expect(office.getByText(`已收回${person.name}的“${title}”，积分已退还。`)).toBeVisible();

	// What it looks like.
	await office.getByRole('button', { name: `换图片 ：${title}` }).click();
	const picture = { name: '毛巾.png', mimeType: 'image/png', buffer: await page.screenshot() };
	await dialog.locator('input[type=file]').setInputFiles(picture);
	await dialog.getByRole('button', { name: '用这张图片' }).click();
	await expect(office.getByText(`“${title}”的图片已换好。`)).toBeVisible();
	await sweep(office, 'rewards in the office');
	await office.close();
	await open(page, '/rewards/');
	await expect(page.getByText('奖品已收回，积分已退回').first()).toBeVisible();
	await expect(page.getByText('您有 50 积分')).toBeVisible();
	const card = page.getByRole('listitem').filter({ hasText: title });
	await expect(card.locator('.picture img')).toBeVisible();
	await sweep(page, 'rewards with pictures');
	await open(page, '/credits/');
	await expect(page.getByText('冲正 +30 积分：发错了人')).toBeVisible();
});

test('a reward whose answer was lost is taken once, also when the dialog was closed meanwhile', async ({
	page,
	browser,
}) => {
	const title = `毛巾${newName()}`;
	const person = await logInAsNewResident(page);
	const office = await browser.newPage();
	const token = await logIn(office, admin());
	await givePoints(office, token, person.id);
	await make(office.request, token, '/rewards', { title, price: 20, stock: 3 });
	await office.close();

	const keys: (string | undefined)[] = [];
	await page.route('**/api/v1/rewards/*/redemptions', async (route) => {
		keys.push(route.request().headers()['idempotency-key']);
		if (keys.length > 1) return route.continue();
		await route.fetch();
		return route.abort();
	});
	await open(page, '/rewards/');
	const choose = page.getByRole('button', { name: `兑换 《${title}》` });
	const dialog = page.getByRole('dialog');
	await choose.click();
	await dialog.getByRole('button', { name: '确定兑换' }).click();
	await expect(dialog.getByRole('alert')).toContainText('连不上网络');
	await dialog.getByRole('button', { name: '关闭' }).click();
	await choose.click();
	await page.route('**/api/v1/me/redemptions*', (route) => route.abort(), { times: 1 });
	await dialog.getByRole('button', { name: '确定兑换' }).click();
	await expect(page.locator('.said')).toContainText('换好了');
	await expect(page.getByRole('main').getByRole('alert')).toContainText('连不上网络');
	await page.getByRole('button', { name: '再试一次' }).click();
	await expect(page.locator('.code strong')).toHaveText(/^\d{6}$/);
	expect(keys).toHaveLength(2);
	expect(keys[0]).toBe(keys[1]);
	await expect(page.getByText('您有 30 积分')).toBeVisible();
});
