import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { logIn, newResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/** The text of a mail, whatever its parts are encoded in. */
function decoded(mail: string): string {
	const parts = mail.split(/^--.*$/m).map((part) => {
		const [head = '', ...body] = part.split(/\r?\n\r?\n/);
		const text = body.join('\n\n');
		if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString('utf8');
		return text.replace(/=\r?\n/g, '').replace(/=3D/g, '=');
	});
	return parts.join('\n');
}

/** The link that was mailed to an address, as soon as it is there. */
async function mailedLink(address: string): Promise<string> {
	const folder = join(process.env.CHANGQING_TEST_DATA ?? '', 'mailbox');
	const find = () => {
		// It is made with the first mail.
		if (!existsSync(folder)) return '';
		const mails = readdirSync(folder, { withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => readFileSync(join(folder, entry.name), 'utf8'));
		const mail = mails.find((one) => one.includes(`To: ${address}`));
		return mail === undefined ? '' : (/http\S+reset\/#[\w-]+/.exec(decoded(mail))?.[0] ?? '');
	};
	await expect.poll(find).not.toBe('');
	return find();
}

/** A resident with an e-mail address. */
async function residentWithMail(page: Page): Promise<string> {
	const email = `${randomUUID()}@example.org`;
	await newResident(page.request, { email });
	return email;
}

test('rules 8 10: a forgotten password is set anew with a link by mail', async ({ page }) => {
	const email = await residentWithMail(page);
	await open(page, '/log-in/');
	await page.getByRole('link', { name: '忘了密码' }).click();
	await page.getByRole('button', { name: '给我发邮件' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await page.getByLabel('手机号、邮箱或学员号').fill(email);
	await page.getByRole('button', { name: '给我发邮件' }).click();
	await expect(page.getByRole('status').filter({ hasText: '请看邮箱' })).toBeFocused();
	await sweep(page, 'a mail was asked for');

	const link = await mailedLink(email);
	await open(page, link);
	await expect(page, 'the token stays in no history').toHaveURL(/\/reset\/$/);
	await page.getByLabel('新密码', { exact: true }).fill('short');
	await page.getByRole('button', { name: '设好密码并登录' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await page.getByLabel('新密码', { exact: true }).fill('laoma 1956');
	await page.getByRole('button', { name: '设好密码并登录' }).click();
	await expect(page).not.toHaveURL(/reset/);
	await open(page, '/credits/');
	await expect(page.getByText('还没有学分')).toBeVisible();
	await logIn(page, { login: email, password: 'laoma 1956', name: '' });

	await open(page, link);
	await page.getByLabel('新密码', { exact: true }).fill('laoma 1957');
	await page.getByRole('button', { name: '设好密码并登录' }).click();
	await expect(page.getByRole('alert')).toContainText('已用过');
	await sweep(page, 'a link that is spent');
	await expect(page.getByRole('link', { name: '重新申请一个链接' })).toHaveAttribute(
		'href',
		'/forgotten/',
	);
});

test('who has no e-mail address is led to a code', async ({ page }) => {
	await open(page, '/forgotten/');
	await page.getByRole('link', { name: '我拿到验证码了' }).click();
	await expect(page.getByLabel('一次性验证码')).toBeVisible();
});
