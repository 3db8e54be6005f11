import { newResident } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rule 7: the elder mode is there before the application, and stays', async ({ page }) => {
	const person = await newResident(page.request);
	const button = page.getByRole('button', { name: '长辈版' });
	const size = () => page.evaluate(() => getComputedStyle(document.body).fontSize);

	await open(page, '/log-in/');
	expect(await size()).toBe('18px');
	await button.click();
	await expect(button).toHaveAttribute('aria-pressed', 'true');
	expect(await size()).toBe('24px');

	await page.reload();
	await expect(button).toHaveAttribute('aria-pressed', 'true');
	expect(await size()).toBe('24px');

	await page.getByLabel('手机号、邮箱或学员号').fill(person.login);
	await page.getByLabel('密码', { exact: true }).fill(person.password);
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();
	await expect(button).toHaveAttribute('aria-pressed', 'true');
	expect(await size()).toBe('24px');

	// Without the application only what runs before the first paint can do it.
	await page.route('**/_app/**/*.js', (route) => route.abort());
	await page.goto('/courses/');
	expect(await size()).toBe('24px');
	await page.unroute('**/_app/**/*.js');

	await open(page, '/settings/');
	await button.click();
	await expect(button).toHaveAttribute('aria-pressed', 'false');
	expect(await size()).toBe('18px');
});

test('rule 7: the size at the first frame is the size that stays', async ({ page }) => {
	await page.addInitScript(() => {
		localStorage.setItem('changqing.text_size', '30');
		const seen = globalThis as unknown as { firstSize?: string };
		const look = () => {
			if (document.body === null) requestAnimationFrame(look);
			else seen.firstSize = getComputedStyle(document.body).fontSize;
		};
		requestAnimationFrame(look);
	});
	await open(page, '/');
	expect(await page.evaluate(() => (globalThis as { firstSize?: string }).firstSize)).toBe('30px');
	await expect(page.getByRole('button', { name: '长辈版' })).toHaveAttribute('aria-pressed', 'true');
});

test('rule 7: the settings are searched for under every name of the elder mode', async ({ page }) => {
	await open(page, '/settings/');
	for (const word of ['长辈版', '亲情版', '关爱版', '关怀版']) {
		await page.getByLabel('查找设置').fill(word);
		await expect(page.getByText('找到 1 项设置')).toBeVisible();
		await expect(page.getByRole('group', { name: '字体大小（长辈版）' })).toBeVisible();
		await expect(page.getByRole('group', { name: /语言/ })).toBeHidden();
	}
});

test('rules 1 7: three text sizes in the settings', async ({ page }) => {
	await open(page, '/settings/');
	for (const [label, size] of [
		['大字（长辈版）', '24px'],
		['特大字（长辈版）', '30px'],
		['标准', '18px'],
	] as const) {
		await page.getByRole('radio', { name: label, exact: true }).check();
		await expect(page.locator('body')).toHaveCSS('font-size', size);
	}
});
