import type { Page } from '@playwright/test';
import { newName, newPhone, newResident } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

const next = (page: Page) => page.getByRole('button', { name: '继续' }).click();
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Rule 8: the summary has the focus, the title says so, the field says what is wrong with it. */
async function expectRefusal(page: Page, field: string, message: string): Promise<void> {
	const summary = page.getByRole('alert');
	await expect(summary).toBeFocused();
	await expect(summary).toContainText(message);
	await expect(page).toHaveTitle(/^错误：/);
	const input = page.locator(`#${field}`);
	await expect(input).toHaveAttribute('aria-invalid', 'true');
	await expect(input).toHaveAccessibleDescription(new RegExp(message));
	await summary.getByRole('link', { name: message }).click();
	await expect(input).toBeFocused();
}

test('rules 8 9 10: registering, one question a page, asked nothing twice', async ({ page }) => {
	const name = newName();
	const phone = newPhone();
	await open(page, '/log-in/');
	await page.getByRole('link', { name: '注册，成为学员' }).click();

	await expect(heading(page)).toHaveText('您叫什么名字？');
	await next(page);
	await expectRefusal(page, 'name', '请填您的姓名');
	await page.getByLabel('您叫什么名字？').fill(name);
	await next(page);

	await expect(heading(page)).toHaveText('您是哪年哪月哪天出生的？');
	await page.getByLabel('年', { exact: true }).fill('1956');
	await page.getByLabel('月', { exact: true }).fill('13');
	await page.getByLabel('日', { exact: true }).fill('2');
	await next(page);
	await expectRefusal(page, 'month', '没有这一天');
	await expect(page.getByLabel('年', { exact: true }), 'what was typed is kept').toHaveValue(
		'1956',
	);
	await page.getByLabel('月', { exact: true }).fill('３');
	await next(page);

	await expect(heading(page)).toHaveText('怎么联系您？');
	await page.getByLabel('手机号').fill('1390000');
	await next(page);
	await expectRefusal(page, 'phone', '11 位数字');
	await expect(page.getByLabel('手机号')).toHaveValue('1390000');
	await page.getByLabel('手机号').fill(phone);
	// Back and forth again keeps what was answered.
	await page.getByRole('link', { name: '上一步' }).click();
	await expect(page.getByLabel('月', { exact: true })).toHaveValue('３');
	await next(page);
	await expect(page.getByLabel('手机号')).toHaveValue(phone);
	await next(page);

	await expect(heading(page)).toHaveText('您住在哪个社区？');
	await expect(page.getByRole('radio')).toHaveCount(13);
	await page.reload();
	await page.getByRole('radio', { name: '长青街道社区教育中心' }).check();
	await next(page);

	await expect(heading(page)).toHaveText('下面哪些说的是您？');
	await page.getByRole('checkbox', { name: '老年人' }).check();
	await next(page);

	await expect(heading(page)).toHaveText('请设一个密码');
	await page.getByLabel('请设一个密码').fill('1234');
	await next(page);
	await expectRefusal(page, 'password', '密码至少要 8 个字');
	await page.getByLabel('请设一个密码').fill('mima-长青-1956');
	await next(page);

	await expect(heading(page)).toHaveText('请您看一看，同意再继续');
	await page.getByRole('checkbox', { name: '我看过了，我同意' }).check();
	await next(page);

	await expect(heading(page)).toHaveText('看看填得对不对');
	for (const answer of [name, '1956年3月2日', phone, '长青街道社区教育中心', '老年人', '已经设好'])
		await expect(page.getByRole('main')).toContainText(answer);
	await page.getByRole('button', { name: '确认注册' }).click();

	await expect(heading(page)).toHaveText('注册好了，欢迎您！');
	const number =
		(await page.locator('p', { hasText: '您的学员号' }).locator('strong').textContent()) ?? '';
	expect(number).toMatch(/^\d{8}$/);
	expect(page.url(), 'no secret in the address').not.toContain('mima');
	await open(page, '/');
	await expect(page.getByRole('heading', { name: `${name}，您好` })).toBeVisible();
});

test('rule 8: a refusal of the server stands where it can be put right', async ({ page }) => {
	const known = await newResident(page.request);
	await page.addInitScript(
		([storage, answers]) => sessionStorage.setItem(storage ?? '', answers ?? ''),
		[
			'changqing.registration',
			JSON.stringify({
				name: known.name,
				year: '1956',
				month: '3',
				day: '2',
				phone: newPhone(),
				// To a text that has been changed meanwhile.
				consent: ['1999-01'],
			}),
		],
	);
	await open(page, '/register/check/');
	await page.getByRole('button', { name: '确认注册' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page.getByRole('alert')).toContainText('还没有填：社区');
	await expect(page).toHaveTitle(/^错误：/);
	await page.getByRole('alert').getByRole('link', { name: '还没有填：社区' }).click();
	await page.keyboard.press('Enter');
	await expect(heading(page)).toHaveText('您住在哪个社区？');
	await page.getByRole('radio', { name: '长青街道社区教育中心' }).check();
	await next(page);
	await expect(heading(page), 'a changed answer leads back').toHaveText('看看填得对不对');
	for (const [what, act] of [
		['密码', () => page.getByLabel('请设一个密码').fill('mima-长青-1956')],
		['同意说明', () => page.getByRole('checkbox').check()],
	] as const) {
		await page.getByRole('link', { name: `改${what}` }).click();
		await act();
		await next(page);
	}
	const sent = page.waitForRequest(
		(request) => request.method() === 'POST' && request.url().endsWith('/api/v1/residents'),
	);
	await page.getByRole('button', { name: '确认注册' }).click();
	const { version } = (await (await page.request.get('/api/v1/consents/current')).json()) as {
		version: string;
	};
	expect((await sent).postDataJSON()).toMatchObject({ consent: { version } });
	// The same name and birth date are on record: never a claim on that record.
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByRole('main')).toContainText(known.name);
});
