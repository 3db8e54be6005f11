import type { Locator, Page } from '@playwright/test';
import { publishedCourse, shortVideo } from '../support/authoring.ts';
import { tabTo } from '../support/keyboard.ts';
import { newName, newPhone } from '../support/site.ts';
import { open, settled } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

async function type(page: Page, field: Locator, text: string): Promise<void> {
	await tabTo(page, field);
	await page.keyboard.type(text);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
	await tabTo(page, target);
	await page.keyboard.press(key);
}

test('rule 6: register, watch, look at the credits and at the certificate by keyboard alone', async ({
	page,
	browser,
	phone,
}) => {
	test.skip(phone, 'keyboards stand on desks');
	const title = `键盘${newName()}`;
	await publishedCourse(browser, { title }, [await shortVideo(browser, '看一小段')]);
	const field = (name: string) => page.getByLabel(name, { exact: true });
	const goOn = () => press(page, page.getByRole('button', { name: '继续' }));

	await open(page, '/');
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused();
	await page.keyboard.press('Enter');
	await press(page, page.getByRole('link', { name: '注册，成为学员' }));

	await type(page, field('您叫什么名字？'), newName());
	await page.keyboard.press('Enter');
	await type(page, field('年'), '1956');
	await type(page, field('月'), '3');
	await type(page, field('日'), '2');
	await goOn();
	await type(page, field('手机号'), newPhone());
	await goOn();
	// The first of the group takes the keyboard; an arrow chooses the one before it, the last.
	await press(page, page.getByRole('radio').first(), 'ArrowUp');
	await expect(page.getByRole('radio').last()).toBeChecked();
	await goOn();
	await press(page, page.getByRole('checkbox', { name: '老年人' }), 'Space');
	await goOn();
	await type(page, field('请设一个密码'), 'mima-长青-1956');
	await goOn();
	await press(page, page.getByRole('checkbox', { name: '我看过了，我同意' }), 'Space');
	await goOn();
	await press(page, page.getByRole('button', { name: '确认注册' }));
	await expect(page.getByRole('heading', { name: '注册好了，欢迎您！' })).toBeVisible();

	await press(page, page.getByRole('link', { name: '去看课程' }));
	await press(page, page.getByRole('link', { name: title }));
	await press(page, page.getByRole('button', { name: '报名，开始学' }));
	const video = page.locator('video');
	await press(page, video, 'Space');
	const report = page.waitForResponse(
		(response) => response.url().endsWith('/progress') && response.ok(),
	);
	await expect
		.poll(() => video.evaluate((one: HTMLVideoElement) => one.currentTime), { timeout: 120_000 })
		.toBeGreaterThan(9);
	await page.keyboard.press('Space');
	await report;
	await expect(page.getByText('这一课学完了！')).toBeVisible();
	await press(page, page.getByRole('button', { name: /^慢一点/ }), 'Space');
	await expect(page.getByRole('button', { name: /^慢一点/ })).toHaveAttribute(
		'aria-pressed',
		'true',
	);
	await press(page, page.getByRole('navigation').getByRole('link', { name: '我的学分' }));
	await expect(page.getByRole('heading', { level: 1, name: '我的学分' })).toBeVisible();
	await expect(page.getByRole('listitem').filter({ hasText: '+0.5' })).toContainText('看一小段');

	await press(page, page.getByRole('main').getByRole('link', { name: '我的证书' }));
	await expect(page.getByRole('heading', { level: 1, name: '我的证书' })).toBeVisible();
	const own = page.getByRole('link', { name: `《${title}》的证书` });
	// A worker issues it, a moment after the course was finished.
	await expect
		.poll(async () => {
			await page.reload();
			await settled(page);
			return own.isVisible();
		})
		.toBe(true);
	await press(page, own);
	await expect(page.getByRole('status').filter({ hasText: '这张证书是真的' })).toBeVisible();
	await tabTo(page, page.getByRole('link', { name: '打印证书（PDF）' }));
});
