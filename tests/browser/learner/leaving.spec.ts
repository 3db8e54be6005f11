import { logInAsNewResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('a resident leaves in two steps, and is nobody afterwards', async ({ page }) => {
	const person = await logInAsNewResident(page);
	await open(page, '/my/data/');
	await page.getByRole('link', { name: '退出登记' }).click();
	await expect(page.getByRole('heading', { level: 1, name: '退出登记' })).toBeVisible();
	await expect(page.getByText('退出以后不能恢复').first()).toBeVisible();
	await sweep(page, 'what leaving means');
	await page.getByRole('button', { name: '看清楚了，继续' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

	await page.getByRole('button', { name: '退出登记' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await sweep(page, 'leaving, refused');
	await page.getByLabel('您的密码').fill('不是这个密码');
	await page.getByRole('checkbox', { name: '我明白，退出以后不能恢复' }).check();
	await page.getByRole('button', { name: '退出登记' }).click();
	await expect(page.getByLabel('您的密码')).toHaveAttribute('aria-invalid', 'true');
	await page.getByLabel('您的密码').fill(person.password);
	await page.getByRole('button', { name: '退出登记' }).click();

	await expect(page.getByRole('heading', { level: 1, name: '已经退出登记' })).toBeVisible();
	const { login, password } = person;
	const again = await page.request.post('/api/v1/session', { data: { login, password } });
	expect(again.status()).toBe(401);
});
