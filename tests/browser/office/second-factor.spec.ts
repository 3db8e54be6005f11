import { giveCode, logIn, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { codeAt, currentStep, withFreshCode } from '../support/totp.ts';
import { test, expect } from '../support/test.ts';

test('staff log in with a code, and a wrong one is said so', async ({ page, phone }) => {
	const person = staffOf(phone ? 'WM' : 'CX');
	await open(page, '/office/log-in/');
	await page.getByLabel('邮箱或手机号').fill(person.login);
	await page.getByLabel('密码', { exact: true }).fill(person.password);
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByRole('heading', { name: '第二步：输入动态码' })).toBeVisible();
	await expect(page.getByLabel('动态码')).toBeFocused();
	await sweep(page, 'second step of logging in');
	await page.getByLabel('动态码').fill('000000');
	await page.getByRole('button', { name: '确定' }).click();
	await expect(page.getByText('验证码不对或已用过').first()).toBeVisible();
	await giveCode(page, person);
	await expect(page.getByRole('button', { name: '退出登录' })).toBeVisible();
});

test('a new phone is set up by scanning, and recovery codes are shown', async ({ page, phone }) => {
	test.skip(!phone, 'the accounts file knows nothing of the new phone');
	const person = staffOf('YX');
	await logIn(page, person);
	await open(page, '/office/account/');
	await sweep(page, 'my account');
	await page.getByRole('button', { name: '换一部手机' }).click();
	await expect(page.getByRole('img', { name: '给验证器扫的二维码' })).toBeVisible();
	await sweep(page, 'a picture to scan');
	const secret = (await page.locator('.secret').innerText()).replaceAll(' ', '');
	await page.getByLabel('验证器上显示的六位数字').fill(codeAt(secret, currentStep()));
	await page.getByRole('button', { name: '确认打开' }).click();
	await expect(page.getByRole('heading', { name: '备用码：请现在抄下或打印' })).toBeVisible();
	await expect(page.locator('.codes li')).toHaveCount(10);
	await sweep(page, 'recovery codes');
	// A recovery code stands in for the app.
	const recovery = await page.locator('.codes li').first().innerText();
	const data = { login: person.login, password: person.password };
	const { challenge } = await (await page.request.post('/api/v1/session', { data })).json();
	const answer = await page.request.post('/api/v1/session/second-factor', {
		data: { challenge, code: recovery },
	});
	expect(answer.status()).toBe(201);
});

test('work that needs a fresh proof asks for it where it stands', async ({ page, phone }) => {
	const person = staffOf(phone ? 'TY' : 'SY');
	await logIn(page, person);
	await open(page, '/office/ranking/');
	// As it is answered a quarter of an hour after logging in.
	await page.route(
		'**/reports/months/*/export*',
		(route) =>
			route.fulfill({
				status: 403,
				contentType: 'application/problem+json',
				json: {
					status: 403,
					code: 'reauthentication_required',
					detail: '请再输入一次密码和验证码。',
				},
			}),
		{ times: 1 },
	);
	await page.getByRole('button', { name: '导出 Excel' }).click();
	const proof = page.getByRole('group', { name: '做这件事前，请再输入一次密码和动态码。' });
	await expect(proof).toBeVisible();
	await sweep(page, 'a fresh proof');
	await proof.getByLabel('密码').fill(person.password);
	await withFreshCode(person.totp_secret ?? '', async (code) => {
		await proof.getByLabel('动态码').fill(code);
		const answered = page.waitForResponse((each) => each.url().endsWith('/session/proof'));
		await proof.getByRole('button', { name: '确认是我本人' }).click();
		expect((await answered).ok()).toBe(true);
	});
	await expect(page.getByText('确认好了，请再点一次刚才的按钮。')).toBeVisible();
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: '导出 Excel' }).click();
	expect((await download).suggestedFilename()).toContain('.xlsx');
});

test('whoever has put codes off for too long is led to them', async ({ page, phone }) => {
	const person = staffOf(phone ? 'DH' : 'WJ');
	await logIn(page, person);
	await page.route('**/api/v1/me', async (route) => {
		const me = await (await route.fetch()).json();
		const changed = {
			second_factor: false,
			second_factor_due: '2026-01-01T00:00:00+08:00',
			permissions: ['see_oneself', 'set_second_factor'],
		};
		await route.fulfill({ json: { ...me, ...changed } });
	});
	await open(page, '/office/people/');
	await expect(page.getByRole('heading', { name: '请先打开登录动态码' })).toBeVisible();
	await sweep(page, 'codes put off for too long');
	await page.getByRole('link', { name: '打开登录动态码', exact: true }).click();
	await expect(page.getByRole('button', { name: '打开登录动态码' })).toBeVisible();
});
