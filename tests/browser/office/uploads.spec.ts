import type { Page } from '@playwright/test';
import { admin, logIn, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';
import { coursePage, makeCourse } from './courses.ts';

/** Three parts, of a file that is no video: what the worker says about it is asked for too. */
const film = {
	name: '阳台.mp4',
	mimeType: 'video/mp4',
	buffer: Buffer.alloc(20 * 1024 * 1024, 'no film'),
};

const partOf = (url: string) => new URL(url).searchParams.get('partNumber');

/** The parts that reach the store, by their numbers; those of `held` never do. */
async function watchParts(page: Page, held: string[]): Promise<string[]> {
	const sent: string[] = [];
	await page.route('**/storage/**', (route) => {
		const number = partOf(route.request().url());
		if (route.request().method() !== 'PUT' || number === null) return route.continue();
		if (held.includes(number)) return;
		return route.continue();
	});
	page.on('response', (answer) => {
		const number = partOf(answer.url());
		if (answer.request().method() === 'PUT' && number !== null && answer.ok()) sent.push(number);
	});
	return sent;
}

test('an upload is paused, goes on after the browser was closed, and is processed again', async ({
	page,
	browser,
	baseURL,
}) => {
	const token = await logIn(page, staffOf('HP'));
	const course = await makeCourse(page.request, token);
	const sent = await watchParts(page, ['3']);
	await open(page, coursePage(course.id));
	const form = page.getByRole('region', { name: '添加课时' });
	await expect(form.getByText(/^存储空间：已用 .+，共 50\.0 GB$/)).toBeVisible();
	await form.getByLabel('视频', { exact: true }).check();
	await form.getByLabel('课时名称').fill('备土');
	await form.getByLabel('视频文件').setInputFiles(film);
	await form.getByRole('button', { name: '上传并添加' }).click();
	await expect.poll(() => [...sent].sort()).toEqual(['1', '2']);
	const pause = page.getByRole('button', { name: '先停下' });
	await pause.focus();
	await page.keyboard.press('Enter');
	await expect(page.getByText('阳台.mp4 的上传已停下，点“接着传”继续。')).toHaveRole('status');
	await expect(page.getByRole('button', { name: '接着传' })).toBeVisible();
	await sweep(page, 'an upload that is paused');

	// Next day: another browser window with what the first one has kept, and nothing else.
	const kept = await page.context().storageState();
	await page.close();
	const context = await browser.newContext({ storageState: kept, ...(baseURL ? { baseURL } : {}) });
	const later = await context.newPage();
	const sentLater = await watchParts(later, []);
	await open(later, coursePage(course.id));
	await expect(later.getByRole('heading', { name: '没有传完的视频' })).toBeVisible();
	const again = later.locator('.upload').getByLabel('视频文件');
	await again.setInputFiles({ ...film, name: '别的.mp4' });
	await expect(later.getByText('这不是原来那个文件。请选 阳台.mp4。')).toBeVisible();
	await again.setInputFiles(film);
	await expect(later.getByText('已添加“备土”，视频正在处理。')).toBeVisible();
	expect(sentLater, 'what had arrived is not sent again').toEqual(['3']);

	const lesson = later.locator('ol > li').first();
	await expect(lesson.getByText(/视频处理失败/)).toBeVisible({ timeout: 120_000 });
	const processed = later.waitForResponse((answer) => answer.url().endsWith('/processing'));
	await lesson.getByRole('button', { name: /^重新处理/ }).click();
	expect((await processed).status()).toBe(202);
	await context.close();
});

test('an upload that is given up is gone', async ({ page }) => {
	const token = await logIn(page, staffOf('DH'));
	const course = await makeCourse(page.request, token);
	await watchParts(page, ['2', '3']);
	await open(page, coursePage(course.id));
	const form = page.getByRole('region', { name: '添加课时' });
	await form.getByLabel('视频', { exact: true }).check();
	await form.getByLabel('课时名称').fill('备土');
	await form.getByLabel('视频文件').setInputFiles(film);
	const opened = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/videos'));
	await form.getByRole('button', { name: '上传并添加' }).click();
	const { id } = (await (await opened).json()) as { id: string };
	await page.getByRole('button', { name: '不传了' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '不传了' }).click();
	await expect(page.getByRole('dialog')).toBeHidden();
	const headers = { Authorization: `Bearer ${token}` };
	expect((await page.request.get(`/api/v1/videos/${id}`, { headers })).status()).toBe(404);
	await page.reload();
	await expect(page.getByRole('heading', { name: '没有传完的视频' })).toHaveCount(0);
});

test('the admin gives a branch room and has the store checked', async ({ page }) => {
	await logIn(page, admin());
	await open(page, '/office/storage/');
	await page.getByLabel('学校', { exact: true }).selectOption({ index: 3 });
	await page.getByLabel('共多少 GB').fill('很多');
	await page.getByRole('button', { name: '保存' }).click();
	await expect(page.getByLabel('共多少 GB')).toHaveAttribute('aria-invalid', 'true');
	await page.getByLabel('共多少 GB').fill('50');
	await page.getByRole('button', { name: '保存' }).click();
	await expect(page.getByText(/^已保存.+的存储空间。$/)).toBeVisible();
	// The first start has had the store checked already, unless it is about to.
	const reports = page.getByRole('group', { name: '存储核对' }).locator('tbody tr');
	const before = await reports.count();
	await page.getByRole('button', { name: '现在核对' }).click();
	await expect(page.getByText(/已经开始核对/)).toBeVisible();
	await expect(async () => {
		await page.getByRole('button', { name: '刷新' }).click();
		await expect(reports.nth(before)).toBeVisible({ timeout: 1000 });
	}).toPass({ timeout: 120_000 });
	await sweep(page, 'storage in the office');
});
