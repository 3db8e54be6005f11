import type { Page } from '@playwright/test';
import { admin, logIn, newName } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rule 8: a rule is written, tried out on last month, and made', async ({ page }) => {
	// Each of the two screens writes one of its own.
	const name = `看课得积分${newName()}`;
	await logIn(page, admin());
	await open(page, '/office/rules/');
	await expect(page.getByText('学完一课，按它本身的学分得学分；每天最多 6')).toBeVisible();
	await page.getByRole('button', { name: '写一条新规则' }).click();
	await page.getByRole('button', { name: '试算上个月' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByLabel('规则名称')).toHaveAttribute('aria-invalid', 'true');
	await sweep(page, 'a rule that is refused');

	await page.getByLabel('每满多少分钟').fill('20');
	await page.getByLabel('得多少').fill('2');
	await page.getByLabel('每天最多').fill('6');
	await page.getByLabel('规则名称').fill(name);
	await page.getByLabel('英文名称').fill('Points for watching');
	await page.getByRole('button', { name: '试算上个月' }).click();
	await expect(page.getByText('看课每满 20 分钟，得 2 积分；每天最多 6')).toBeVisible();
	await expect(page.getByRole('heading', { name: /^要是.*就用这条规则$/ })).toBeVisible();
	await sweep(page, 'a rule that is tried out');
	await page.getByRole('button', { name: '就这样定' }).click();
	await expect(page.locator('.done')).toContainText(`已写好“${name}”`);
	await expect(page.getByRole('heading', { name })).toBeVisible();

	const rule = page.getByRole('article', { name });
	await rule.getByRole('button', { name: `停用 ：${name}` }).click();
	await expect(page.getByRole('dialog')).toContainText('什么也不给了');
	await page.getByLabel('从哪天起停用').fill(await today(page));
	await page.getByRole('button', { name: '停用这条规则' }).click();
	await expect(page.locator('.done')).toContainText(`“${name}”从`);
	await expect(rule.getByText('已停用')).toBeVisible();
	await expect(rule.getByText('不再给学分和积分')).toBeVisible();
	await sweep(page, 'a rule that was stopped');
	await expect(rule.getByRole('button', { name: `停用 ：${name}` })).toHaveCount(0);
});

/** The day that it is for the site. */
async function today(page: Page): Promise<string> {
	const answer = (await (await page.request.get('/api/v1/deployment')).json()) as { today: string };
	return answer.today;
}
