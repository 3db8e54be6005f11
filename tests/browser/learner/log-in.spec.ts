import { logOut } from '../support/cards.ts';
import { giveCode, newResident, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rules 8 10: logging in is refused with words, then works, and log-out ends it', async ({
	page,
}) => {
	const person = await newResident(page.request);
	const login = page.getByLabel('手机号、邮箱或学员号');
	const password = page.getByLabel('密码', { exact: true });
	const submit = page.getByRole('button', { name: '登录', exact: true });
	const summary = page.getByRole('alert');

	await open(page, '/credits/');
	await page.getByRole('main').getByRole('link', { name: '登录' }).click();
	await submit.click();
	await expect(summary).toBeFocused();
	await expect(summary.getByRole('link')).toHaveText(['请填手机号、邮箱或学员号', '请填密码']);
	await expect(page).toHaveTitle(/^错误：/);
	await expect(password).toHaveAttribute('aria-invalid', 'true');

	await login.fill(person.login);
	await password.fill('wrong-wrong');
	await submit.click();
	await expect(summary).toBeFocused();
	await expect(login).toHaveValue(person.login);
	await expect(login).toHaveAttribute('aria-invalid', 'true');

	await page.getByRole('button', { name: '显示密码' }).click();
	await expect(password).toHaveAttribute('type', 'text');
	await login.fill(person.learnerNumber);
	await password.fill(person.password);
	await submit.click();
	await expect(page, 'where one wanted to go').toHaveURL(/\/credits\/$/);
	expect(page.url()).not.toContain(person.password);
	const kept = await page.evaluate(() =>
		JSON.stringify([localStorage, sessionStorage, document.cookie]),
	);
	expect(kept, 'no token where scripts of others could read it').not.toMatch(/eyJ|refresh/);
	await page.reload();
	await expect(page.getByText('还没有学分')).toBeVisible();

	await open(page, '/settings/');
	await logOut(page);
	await open(page, '/credits/');
	await expect(page.getByText('请先登录，再看这一页。')).toBeVisible();
});

test('rule 11: without JavaScript there is a heading, a form and a telephone number', async ({
	browser,
	baseURL,
}) => {
	const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
	const page = await context.newPage();
	for (const address of ['/', '/log-in/', '/office/log-in/', '/register/name/']) {
		await page.goto(address);
		await expect(page.getByRole('heading', { level: 1 }), address).toBeVisible();
		await expect(page.locator('a[href^="tel:"]').first(), address).toBeVisible();
		await expect(page.locator('form').first(), address).toBeVisible();
		await expect(page.locator('form').first(), `rule 10: ${address}`).toHaveAttribute(
			'method',
			'post',
		);
	}
	await page.goto('/log-in/');
	await page.locator('#login').fill('13900000101');
	await page.locator('#password').fill('secret-secret');
	await page.getByRole('button', { name: '登录', exact: true }).click();
	expect(page.url(), 'rule 10: a form sent early puts no secret into the address').not.toContain(
		'secret',
	);
	await context.close();
});

test('rule 5: a password by code, learner', async ({ page }) => {
	await open(page, '/first-log-in/');
	await sweep(page, 'a password by code');
});

test('staff are led to the office', async ({ page }) => {
	const person = staffOf('CQJD');
	await open(page, '/office/log-in/');
	await page.getByLabel('邮箱或手机号').fill(person.login);
	await page.getByLabel('密码', { exact: true }).fill('wrong-wrong');
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await page.getByLabel('密码', { exact: true }).fill(person.password);
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await giveCode(page, person);
	await expect(page.getByRole('heading', { level: 1, name: '首页' })).toBeVisible();
	await expect(page.getByText(person.name)).toBeVisible();
});
