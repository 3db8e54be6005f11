import type { Locator, Page } from '@playwright/test';
import { logIn, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { expect, test } from '../support/test.ts';
import { article, coursePage, makeCourse } from './courses.ts';

const button = (page: Page | Locator, name: string) =>
	page.getByRole('button', { name, exact: true });
const done = (page: Page, words: string | RegExp) =>
	page.locator('.done').filter({ hasText: words });
const files = (page: Page) => page.getByRole('region', { name: '封面和讲义' });

/** A picture of one point. */
const picture = {
	name: '早操.png',
	mimeType: 'image/png',
	buffer: Buffer.from(
		'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
		'base64',
	),
};
const handout = {
	name: '种菜 讲义.pdf',
	mimeType: 'application/pdf',
	buffer: Buffer.from('%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n'),
};
const lie = { ...picture, buffer: Buffer.from('<html><script>alert(1)</script></html>') };

async function cover(page: Page): Promise<void> {
	await button(files(page), '上传封面').click();
	await expect(files(page).getByRole('link', { name: '请选择文件' })).toBeVisible();
	await files(page).getByLabel('封面图片').setInputFiles(lie);
	await button(files(page), '上传封面').click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	const field = files(page).getByLabel('封面图片');
	await expect(field).toHaveAttribute('aria-invalid', 'true');
	await expect(field).toHaveAccessibleDescription(/不是可用的图片.*早操\.png/);
	await sweep(page, 'a cover that is refused');

	await field.setInputFiles(picture);
	await button(files(page), '上传封面').click();
	await expect(done(page, '封面已换好。')).toBeFocused();
	await expect(page).not.toHaveTitle(/^错误：/);
	await expect(files(page).getByRole('img')).toHaveJSProperty('naturalWidth', 1);
	// Not published, it is seen by those who make the course, after coming back too.
	await page.reload();
	await expect(files(page).getByRole('img')).toHaveJSProperty('naturalWidth', 1);
	await button(files(page), '去掉封面').click();
	await button(page.getByRole('dialog'), '去掉封面').click();
	await expect(done(page, '封面已去掉。')).toBeFocused();
	await expect(files(page).getByText('没有另外的封面')).toBeVisible();
}

async function handouts(page: Page): Promise<void> {
	await files(page)
		.getByLabel('讲义文件')
		.setInputFiles({ ...lie, name: '讲义.pdf' });
	await button(files(page), '添加讲义').click();
	await expect(files(page).getByLabel('讲义文件')).toHaveAccessibleDescription(
		/这种文件不能作讲义/,
	);
	await files(page).getByLabel('讲义文件').setInputFiles(handout);
	await button(files(page), '添加讲义').click();
	await expect(done(page, '已添加讲义“种菜 讲义.pdf”。')).toBeFocused();
	await expect(files(page).getByRole('listitem')).toContainText('1 KB');
	const download = page.waitForEvent('download');
	await files(page).getByRole('link', { name: handout.name }).click();
	expect((await download).suggestedFilename()).toBe(handout.name);
	await button(files(page), `删掉 “${handout.name}”`).click();
	await button(page.getByRole('dialog'), '删掉').click();
	await expect(done(page, `已删掉讲义“${handout.name}”。`)).toBeFocused();
	await expect(files(page).getByText('还没有讲义。')).toBeVisible();
}

test('a course gets a cover and handouts, and a file that lies is refused', async ({ page }) => {
	const token = await logIn(page, staffOf('DH'));
	const course = await makeCourse(page.request, token);
	await open(page, coursePage(course.id));
	await cover(page);
	await handouts(page);
});

test('a picture is put into an article where the cursor is', async ({ page }) => {
	const token = await logIn(page, staffOf('WJ'));
	const course = await makeCourse(page.request, token);
	await course.post('/lessons', article('备土'));
	await open(page, coursePage(course.id));
	await button(page, '修改 “备土”').click();
	const form = page.locator('ol > li');
	const text = form.getByLabel('文章内容');
	await text.fill('前面\n\n后面');
	await text.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(3, 3));
	await form.getByText('插入图片').click();
	await form.getByLabel('图片文件').setInputFiles(picture);
	await button(form, '上传并插入').click();
	await form.getByRole('link', { name: '请写图片上是什么' }).click();
	await expect(form.getByLabel('图片上是什么')).toBeFocused();
	await sweep(page, 'a picture that is refused');
	await form.getByLabel('图片上是什么').fill('一盆[小]青菜');
	await form.getByLabel('图片上是什么').press('Enter');
	await expect(text).toHaveValue('前面\n\n后面');
	await button(form, '上传并插入').click();
	await expect(text).toHaveValue(/^前面\n!\[一盆 小 青菜\]\(file:[0-9a-f-]{36}\)\n后面$/);
	await expect(text).toBeFocused();
	const preview = form.getByRole('region', { name: '学员看到的样子' });
	await expect(preview.getByRole('img', { name: '一盆 小 青菜' })).toHaveJSProperty(
		'naturalWidth',
		1,
	);
	await expect(page).not.toHaveTitle(/^错误：/);
	await button(form, '保存这一课').click();
	await expect(done(page, '已保存“备土”。')).toBeVisible();
	await expect(page.getByRole('alert')).toHaveCount(0);
});
