import type { APIRequestContext, Page } from '@playwright/test';
import { expectNoAxeFindings } from '../support/axe.ts';
import { admin, logIn, newResident, staffOf, type Person } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';
import { expectNothingClipped, expectReadableText } from '../support/text.ts';

test('staff move a learner to another branch and see them no more', async ({ page }) => {
	test.slow();
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/people/');
	await page.getByRole('searchbox').fill(person.name);
	await page.getByRole('button', { name: '查找' }).click();
	await page.getByRole('link', { name: person.name }).click();
	await expect(page.getByText('没有转过分校。')).toBeVisible();
	await page.getByRole('button', { name: '转到其他分校' }).click();
	await expect(page.getByLabel('转到哪一所')).toBeFocused();
	await page.getByRole('button', { name: '不转了' }).click();
	await expect(page.getByRole('button', { name: '转到其他分校' })).toBeFocused();
	await page.getByRole('button', { name: '转到其他分校' }).click();
	await sweep(page, 'moving somebody');
	await page.getByRole('button', { name: '转过去' }).click();
	await expect(page.getByRole('link', { name: '请选择要转到的分校' })).toBeVisible();
	await page.getByLabel('转到哪一所').selectOption({ label: '松涛社区市民学校' });
	await page.getByRole('button', { name: '转过去' }).click();
	await expect(page.getByRole('status').filter({ hasText: '转到松涛社区市民学校' })).toBeVisible();
	await sweep(page, 'a person who moved');
});

test('two records of one person are merged, and the merge is undone', async ({ page }) => {
	const first = await newResident(page.request);
	// The same telephone, and a name that differs in one character.
	const name = `${first.name.slice(0, -1)}${first.name.endsWith('芳') ? '方' : '芳'}`;
	const second = await newResident(page.request, { name, login: first.login });
	await logIn(page, admin());
	await open(page, '/office/duplicates/');
	const pair = page.getByRole('region', { name: `${first.name}和${second.name}` });
	await expect(pair).toBeVisible();
	await sweep(page, 'a likely duplicate');
	await pair.getByRole('button', { name: /合并，保留记录一/ }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('有登录账号。');
	await dialog.getByRole('button', { name: '合并', exact: true }).click();
	await expect(page.getByRole('status').filter({ hasText: '现在是一个人' })).toBeVisible();
	await expect(pair).toHaveCount(0);
	await page
		.getByRole('button', { name: `撤销合并：${second.name}` })
		.first()
		.click();
	await page.getByRole('dialog').getByRole('button', { name: '撤销合并' }).click();
	await expect(pair).toBeVisible();
	await pair.getByRole('button', { name: '不是同一个人' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '不是同一个人' }).click();
	await expect(page.getByRole('status').filter({ hasText: '不是同一个人' })).toBeVisible();
	await expect(pair).toHaveCount(0);
});

async function openPerson(page: Page, id: string): Promise<void> {
	await open(page, `/office/people/person/?id=${id}`);
	await expect(page.getByText('没有转过分校。')).toBeVisible();
}

/** A dialog covers the page, and with it the buttons that a sweep presses. */
async function expectGoodDialog(page: Page, where: string): Promise<void> {
	await expectNoAxeFindings(page, where);
	for (const [size, target] of [
		[null, 48],
		[24, 60],
	] as const) {
		await page.evaluate((text) => {
			if (text) document.documentElement.setAttribute('data-text-size', text);
			else document.documentElement.removeAttribute('data-text-size');
		}, size?.toString() ?? '');
		await expectReadableText(page, size ?? 18, where);
		await expectNothingClipped(page, where);
		for (const button of await page.getByRole('dialog').locator('button, select, input').all())
			expect.soft((await button.boundingBox())?.height, where).toBeGreaterThanOrEqual(target - 0.5);
	}
	await page.evaluate(() => document.documentElement.removeAttribute('data-text-size'));
}

/** Names of who helps somebody, as they see it themselves: not through the browser of the staff. */
async function helpersOf(request: APIRequestContext, person: Person): Promise<string[]> {
	const { login, password } = person;
	const session = await request.post('/api/v1/session', { data: { login, password } });
	const { access_token } = (await session.json()) as { access_token: string };
	const headers = { Authorization: `Bearer ${access_token}` };
	const answer = await request.get('/api/v1/me/helpers', { headers });
	const { items } = (await answer.json()) as { items: { name: string }[] };
	return items.map((helper) => helper.name);
}

test('what is masked is shown in full for a reason, one item at a time', async ({ page }) => {
	test.slow();
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await openPerson(page, person.id);
	await expect(page.getByText('没有登记', { exact: true })).toBeVisible();
	await expect(page.getByText(person.login)).toBeHidden();
	const ask = page.getByRole('button', { name: '看完整的信息' });
	await ask.click();
	const dialog = page.getByRole('dialog');
	const show = dialog.getByRole('button', { name: '显示' });
	await show.click();
	await expect(dialog.getByLabel('看哪一项')).toBeFocused();
	await dialog.getByLabel('看哪一项').selectOption('电话');
	await show.click();
	const reason = dialog.getByLabel('为什么要看');
	await expect(reason).toBeFocused();
	await expect(reason).toHaveAttribute('aria-invalid', 'true');
	await expect(dialog.getByLabel('看哪一项')).toHaveValue('phone');
	await expectGoodDialog(page, 'showing a number, refused');
	await reason.fill('通知明天停课');
	await show.click();
	const said = page.getByRole('status');
	await expect(said.filter({ hasText: `${person.name}的电话：${person.login}` })).toBeVisible();
	await expect(ask).toBeFocused();
	await sweep(page, 'a number in full');

	await ask.click();
	await expect(reason, 'a reason serves once').toHaveValue('');
	await dialog.getByLabel('看哪一项').selectOption('监护人姓名');
	await reason.fill('联系家长');
	await show.click();
	await expect(
		said.filter({ hasText: `${person.name}没有登记监护人姓名。` }),
		'none on record',
	).toBeVisible();
	await expect(page.getByText(person.login), 'one at a time').toBeHidden();
});

test('rules 8 15: a helper is set up at the desk, and all of them end', async ({
	page,
	request,
}) => {
	test.slow();
	const person = await newResident(page.request);
	const helper = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await openPerson(page, person.id);
	const start = page.getByRole('button', { name: '当面定一位帮手' });
	await start.click();
	const number = page.getByLabel('帮手的学员号');
	await expect(number).toBeFocused();
	await page.getByRole('button', { name: '不办了' }).click();
	await expect(start).toBeFocused();
	await start.click();
	const submit = page.getByRole('button', { name: '定下来' });
	await submit.click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByRole('alert').getByRole('link')).toHaveCount(4);
	await sweep(page, 'a helper at the desk, refused');

	await number.fill('0000 0000');
	await page.getByLabel('帮手的姓名').fill(helper.name);
	await page.getByLabel('帮多久').selectOption('3 个月');
	await page.getByRole('checkbox', { name: '学员本人在场，当面同意了' }).check();
	await submit.click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page.getByRole('alert')).toContainText('没有找到这位帮手');
	await expect(number).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByLabel('帮手的姓名')).toHaveValue(helper.name);
	await number.fill(helper.learnerNumber);
	await submit.click();
	const said = page.getByRole('status');
	const arranged = said.filter({ hasText: `${helper.name}可以帮${person.name}，到` });
	await expect(arranged).toBeFocused();
	await expect(arranged).toContainText(/到 \d{4}年\d+月\d+日 为止/);
	await expect(page).not.toHaveTitle(/^错误：/);
	await sweep(page, 'a helper who was set up');
	expect(await helpersOf(request, person)).toEqual([helper.name]);

	await page.getByRole('button', { name: '取消全部帮手' }).click();
	await expect(page.getByRole('dialog')).toContainText(`${person.name}本人在场`);
	await expectGoodDialog(page, 'ending all helpers');
	await page.getByRole('dialog').getByRole('button', { name: '取消全部帮手' }).click();
	await expect(said.filter({ hasText: `现在没有人在帮${person.name}` })).toBeVisible();
	await expect(arranged).toBeHidden();
	expect(await helpersOf(request, person)).toEqual([]);
});

test('a registration ends at the desk, once the name is written again', async ({
	page,
	request,
}) => {
	test.slow();
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await openPerson(page, person.id);
	await page.getByRole('button', { name: '注销登记' }).click();
	const dialog = page.getByRole('dialog');
	const end = dialog.getByRole('button', { name: '注销登记' });
	await end.click();
	await expect(dialog.getByLabel('为什么注销')).toBeFocused();
	await dialog.getByLabel('为什么注销').selectOption('本人要求');
	const name = dialog.getByLabel('再写一遍学员的姓名');
	await name.fill('别的人');
	await end.click();
	await expect(name).toBeFocused();
	await expect(name).toHaveAttribute('aria-invalid', 'true');
	await expectGoodDialog(page, 'ending a registration, refused');
	await name.fill(person.name);
	await end.click();
	await expect(page.getByRole('status').filter({ hasText: '登记已经注销' })).toBeFocused();
	await expect(page.getByText(person.name)).toBeHidden();
	const { login, password } = person;
	const answer = await request.post('/api/v1/session', { data: { login, password } });
	expect(answer.status()).toBe(401);
});
