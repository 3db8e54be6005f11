import type { Locator, Page } from '@playwright/test';
import { admin, courseOf, logIn } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { expect, test } from '../support/test.ts';
import { coursePage } from './courses.ts';

const button = (page: Page | Locator, name: string) =>
	page.getByRole('button', { name, exact: true });
const done = (page: Page, words: string | RegExp) =>
	page.locator('.done').filter({ hasText: words });
/** The cue of a number, from 1. */
const cue = (page: Page, number: number) =>
	page.getByRole('listitem').filter({ hasText: new RegExp(`^\\s*第 ${number} 条`) });
/** Whether the browser would ask before it closes the page. */
const asks = (page: Page) =>
	page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));

/** Three cues as SubRip in GB18030: a greeting, 先护住个头, 唔好搭电梯. */
const subrip = Buffer.from(
	[
		'MQowMDowMDowMCw1MDAgLS0+IDAwOjAwOjAyLDAwMAq087zSusOjrL3xyNXO0oZP0ae12NXwwLSF+LXj',
		'0fmxo7uk19S8uqGjCgoyCjAwOjAwOjAyLDUwMCAtLT4gMDA6MDA6MDQsMDAwCs/Iu6TXobj2zbejrNTZ',
		'k2jVxcyoxOS1zaGjCgozCjAwOjAwOjA0LDUwMCAtLT4gMDA6MDA6MDYsMDAwCt/tusO07rXnzN2howo=',
	].join(''),
	'base64',
);

/** The page of the captions of a demo course's first lesson, from the lesson's card. */
async function openCaptions(page: Page): Promise<void> {
	await logIn(page, admin());
	const { id } = await courseOf(page.request, 'earthquake_drill');
	await open(page, coursePage(id));
	await page.locator('ol > li').first().getByRole('link', { name: /^字幕/ }).click();
	await expect(page.getByRole('heading', { name: '有哪些字幕' })).toBeVisible();
}

async function upload(page: Page, language: string, buffer: Buffer): Promise<void> {
	const add = page.locator('details');
	if (!(await add.evaluate((one) => (one as HTMLDetailsElement).open)))
		await page.getByText('上传字幕文件，或者加一种语言').click();
	await page.getByLabel('别的语言').check();
	await page.getByLabel('语言代码').fill(language);
	await page.getByLabel('字幕文件', { exact: true }).setInputFiles({
		name: '字幕.srt',
		mimeType: 'application/x-subrip',
		buffer,
	});
	await button(page, '上传字幕').click();
}

async function standAt(page: Page, seconds: number): Promise<void> {
	await page.locator('video').evaluate(async (video: HTMLVideoElement, to) => {
		video.pause();
		await new Promise((resolve) => {
			video.addEventListener('seeked', resolve, { once: true });
			video.currentTime = to;
		});
	}, seconds);
}

/** Whichever of the two is at work, the other's captions are let be. */
const languageOf = (phone: boolean) => (phone ? 'yue' : 'ja');

test('captions come from a file in any encoding and are changed beside the video', async ({
	page,
	phone,
}) => {
	await openCaptions(page);
	await upload(page, languageOf(phone), Buffer.from('这不是字幕'));
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByLabel('字幕文件', { exact: true })).toHaveAccessibleDescription(
		/这不是字幕文件/,
	);
	await upload(page, languageOf(phone), subrip);
	await expect(done(page, /字幕已存好，共 3 条/)).toBeFocused();
	await expect(page).not.toHaveTitle(/^错误：/);
	await expect(cue(page, 2)).toContainText('0:02.500 到 0:04.000');
	await expect(cue(page, 2)).toContainText('先护住个头，再揾张台匿低。');
	expect(await asks(page)).toBe(false);

	await button(page, '从这里播放 第 2 条').click();
	await expect
		.poll(() => page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime))
		.toBeGreaterThanOrEqual(2.5);
	await button(page, '修改 第 2 条').click();
	await cue(page, 2).getByLabel('字幕文字').fill('先护住个头 <最紧要>\n再匿低');
	await standAt(page, 2.25);
	await button(page, '开始用现在的时间 第 2 条').click();
	await expect(cue(page, 2).getByLabel('开始时间')).toHaveValue('0:02.250');
	expect(await asks(page)).toBe(true);

	await button(page, '在后面加一条 第 2 条').click();
	await expect(cue(page, 3).getByLabel('字幕文字')).toBeFocused();
	await page.keyboard.type('等佢震完');
	await button(page, '修改 第 4 条').click();
	await cue(page, 4).getByLabel('结束时间').fill('0:01');
	await button(page, '保存字幕').click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await page.getByRole('link', { name: '第 4 条：结束时间要在开始时间后面' }).click();
	await expect(cue(page, 4).getByLabel('结束时间')).toBeFocused();
	await expect(cue(page, 4).getByLabel('结束时间')).toHaveAttribute('aria-invalid', 'true');
	await sweep(page, 'captions that are refused');

	await cue(page, 4).getByLabel('结束时间').fill('0：07。5');
	await cue(page, 4).getByLabel('字幕文字').fill('长'.repeat(501));
	await button(page, '保存字幕').click();
	await expect(cue(page, 4).getByLabel('字幕文字')).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByRole('alert').getByRole('link')).toHaveText([/^第 4 条：/]);
	await cue(page, 4).getByLabel('字幕文字').fill('唔好搭电梯。');
	await button(page, '保存字幕').click();
	await expect(done(page, '字幕已保存，共 4 条。')).toBeFocused();
	await expect(page).not.toHaveTitle(/^错误：/);
	expect(await asks(page)).toBe(false);
	await keptAndRemoved(page, phone ? '粤语' : '日语');
});

/** What was saved is there after a reload, and what is not saved after a look at another page. */
async function keptAndRemoved(page: Page, name: string): Promise<void> {
	await page.reload();
	await button(page, `修改 ${name}字幕`).click();
	await expect(page.getByRole('heading', { name: `改${name}字幕` })).toBeFocused();
	await expect(cue(page, 2)).toContainText('先护住个头 <最紧要>');
	await expect(cue(page, 3)).toContainText('0:04.000 到 0:04.500');
	await expect(cue(page, 4)).toContainText('0:04.500 到 0:07.500');

	await button(page, '修改 第 1 条').click();
	await button(page, '删掉 第 1 条').click();
	await expect(page.getByText('已删掉第 1 条。')).toHaveRole('status');
	await expect(button(page, '修改 第 1 条')).toBeFocused();
	await page.getByRole('link', { name: '返回课程' }).click();
	await expect(page).toHaveURL(/\/courses\/course\//);
	await page.goBack();
	await expect(page).toHaveURL(/\/courses\/captions\//);
	await button(page, `修改 ${name}字幕`).click();
	await expect(page.getByText('有改动还没有保存。')).toBeVisible();
	await expect(cue(page, 1)).toContainText('先护住个头');
	await button(page, '不改了').click();
	await button(page.getByRole('dialog'), '不要了').click();
	await expect(cue(page, 1)).toContainText('大家好');

	await button(page, `删掉 ${name}字幕`).click();
	await button(page.getByRole('dialog'), '删掉').click();
	await expect(done(page, `已删掉${name}字幕。`)).toBeFocused();
	await expect(button(page, `修改 ${name}字幕`)).toHaveCount(0);
	await expect(page.locator('video')).toHaveCount(0);
}
