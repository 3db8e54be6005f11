import { admin, logIn, newResident, staffOf } from '../support/site.ts';
import { randomUUID } from 'node:crypto';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('an admin adds somebody, who sets the password alone', async ({ page, browser }) => {
	await logIn(page, admin());
	await open(page, '/office/accounts/');
	await page.getByRole('button', { name: '添加工作人员' }).click();
	await expect(page.getByLabel('姓名')).toBeFocused();
	await sweep(page, 'adding somebody');
	const email = `${randomUUID()}@example.org`;
	await page.getByLabel('姓名').fill('何老师');
	await page.getByLabel('邮箱').fill(email);
	await page.getByLabel('在哪里工作').selectOption({ label: '春晓社区市民学校' });
	await page.getByRole('button', { name: '建账号' }).click();
	const code = await page.locator('.code').innerText();
	expect(code).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);

	const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
	const other = await context.newPage();
	await open(other, '/office/first-log-in/');
	await other.getByLabel('邮箱').fill(email);
	await other.getByLabel('一次性验证码').fill(code.toUpperCase());
	await other.getByLabel('给自己设一个密码').fill('太短了');
	await other.getByRole('button', { name: '设好密码并登录' }).click();
	await expect(other.getByText('密码至少 15 位').first()).toBeVisible();
	await other.getByLabel('给自己设一个密码').fill('三只麻雀 走过 旧木桥 去赶集了呀');
	await other.getByRole('button', { name: '设好密码并登录' }).click();
	await expect(other.getByRole('heading', { level: 1, name: '我的账号' })).toBeVisible();
	await expect(other.getByRole('button', { name: '打开登录动态码' })).toBeVisible();
	await context.close();
});

test('a resident gets in with a code from the desk', async ({ page, browser }) => {
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/people/');
	await page.getByRole('searchbox').fill(person.name);
	await page.getByRole('button', { name: '查找' }).click();
	await page.getByRole('button', { name: `给一次性验证码，${person.name}` }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText(person.name);
	await dialog.getByRole('button', { name: '给一次性验证码' }).click();
	const code = await page.locator('.code').innerText();

	const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
	const phone = await context.newPage();
	await open(phone, '/log-in/');
	await phone.getByRole('link', { name: '第一次登录，我有验证码' }).click();
	// The page that is left has a field of the same name.
	await expect(phone.getByRole('heading', { level: 1 })).toHaveText('用一次性验证码设密码');
	await phone.getByLabel('手机号、邮箱或学员号').fill(person.login);
	await phone.getByLabel('一次性验证码').fill(code);
	await phone.getByLabel('给自己设一个密码').fill('laoma 1956');
	await phone.getByRole('button', { name: '设好密码并登录' }).click();
	await expect(phone).not.toHaveURL(/first-log-in/);
	await open(phone, '/credits/');
	await expect(phone.getByRole('heading', { level: 1 })).toHaveText('我的学分');
	await context.close();
});
