import type { Page, Response } from '@playwright/test';
import {
	courseOf,
	enroll,
	lessonPage,
	logIn,
	logInAsNewResident,
	type Course,
} from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect, observed } from '../support/test.ts';

interface Progress {
	watched_seconds: number;
	required_seconds: number;
	completed: boolean;
	earned: { unit: string; amount: string; reason: string }[];
}

const video = (page: Page) => page.locator('video');
const position = (page: Page) => video(page).evaluate((one: HTMLVideoElement) => one.currentTime);
const isProgress = (response: Response) =>
	response.url().endsWith('/progress') && response.request().method() === 'PUT';

async function progressOf(response: Response): Promise<Progress> {
	expect(response.status(), await response.text()).toBe(200);
	return (await response.json()) as Progress;
}

/** A new resident who has joined the course and looks at its first lesson. */
async function openLesson(page: Page, topic = 'elderly_learning') {
	const person = await logInAsNewResident(page);
	const course: Course = await courseOf(page.request, topic);
	await enroll(page.request, person.token, course);
	await open(page, lessonPage(course));
	// The video's length is known as soon as it can be played.
	await video(page).evaluate(
		(one: HTMLVideoElement) =>
			one.readyState > 0 ||
			new Promise((resolve) => one.addEventListener('loadedmetadata', () => resolve(true))),
	);
	return { person, course };
}

const play = (page: Page) => video(page).evaluate((one: HTMLVideoElement) => one.play());

/** Waits until the video has come by playing to a position in seconds. */
async function playedTo(page: Page, seconds: number, timeout = 60_000): Promise<void> {
	await expect.poll(() => position(page), { timeout }).toBeGreaterThanOrEqual(seconds);
}

test('rule 17: from the catalogue to a lesson that plays, reports and resumes', async ({
	page,
	browser,
	baseURL,
	phone,
}) => {
	const person = await logInAsNewResident(page);
	const ranges: Response[] = [];
	page.on('response', (response) => {
		if (response.request().resourceType() === 'media') ranges.push(response);
	});

	await open(page, '/courses/');
	await page.getByRole('button', { name: '地震演练' }).click();
	await page.getByRole('link', { name: '地震演练：学会保护自己' }).click();
	await page.getByRole('button', { name: '报名，开始学' }).click();

	await expect(page).toHaveURL(/\/lesson\//);
	await expect(video(page)).toBeVisible();
	await playedTo(page, 0);
	expect(await video(page).evaluate((one: HTMLVideoElement) => one.paused), 'no autoplay').toBe(
		true,
	);
	await play(page);
	await playedTo(page, 6);
	const report = page.waitForResponse(isProgress);
	await video(page).evaluate((one: HTMLVideoElement) => one.pause());
	const progress = await progressOf(await report);
	expect(progress.watched_seconds).toBeGreaterThanOrEqual(4);
	expect(progress.required_seconds).toBeGreaterThanOrEqual(54);
	expect(progress.completed).toBe(false);
	await expect(page.getByText(/已经看了 \d+ 秒/)).toBeVisible();

	expect(ranges.length).toBeGreaterThan(0);
	for (const response of ranges) expect(response.status(), response.url()).toBe(206);

	// On another device it goes on within five seconds of where it stopped.
	const left = await position(page);
	const other = await browser.newContext({ baseURL, serviceWorkers: 'block' });
	const device = await other.newPage();
	const seen = await observed(device, new URL(baseURL ?? '').origin);
	await logIn(device, person);
	await open(device, '/');
	await device.getByRole('link', { name: '接着学' }).click();
	await expect.poll(() => position(device)).toBeGreaterThan(0);
	expect(Math.abs((await position(device)) - left)).toBeLessThanOrEqual(5);
	expect(seen.violations).toEqual([]);
	await other.close();
	void phone;
});

test('rule 17: the player as it stands in the page', async ({ page }) => {
	await openLesson(page);
	for (const [name, value] of [
		['playsinline', ''],
		['webkit-playsinline', 'true'],
		['x5-playsinline', 'true'],
		['controls', ''],
	] as const)
		await expect(video(page)).toHaveAttribute(name, value);
	await expect(video(page)).not.toHaveAttribute('autoplay');
	const tracks = await video(page).evaluate((one: HTMLVideoElement) =>
		[...one.textTracks].map(({ language, mode }) => ({ language, mode })),
	);
	expect(tracks).toContainEqual({ language: 'zh-CN', mode: 'showing' });
	await expect
		.poll(() =>
			video(page).evaluate((one: HTMLVideoElement) => one.textTracks[0]?.cues?.length ?? 0),
		)
		.toBeGreaterThan(5);

	const source = () => video(page).evaluate((one: HTMLVideoElement) => one.src);
	const usual = await source();
	await page.getByRole('button', { name: '省流量' }).click();
	const small = await source();
	expect(small).not.toBe(usual);
	await page.getByRole('button', { name: '只听声音' }).click();
	expect(await source()).not.toBe(small);
	await page.getByRole('button', { name: '只听声音' }).click();
	await page.getByRole('button', { name: '省流量' }).click();

	await page.getByRole('button', { name: /^快一点/ }).click();
	await expect(page.getByRole('button', { name: /^快一点/ })).toHaveAttribute(
		'aria-pressed',
		'true',
	);
	await page.reload();
	await expect
		.poll(() => video(page).evaluate((one: HTMLVideoElement) => one.playbackRate))
		.toBe(1.25);
	await page.getByRole('button', { name: /^慢一点/ }).click();
	await expect(video(page)).toHaveJSProperty('playbackRate', 0.75);

	await video(page).evaluate((one: HTMLVideoElement) => (one.currentTime = 30));
	await expect.poll(() => position(page)).toBe(30);
	await page.getByRole('button', { name: '退回 10 秒' }).click();
	await expect.poll(() => position(page)).toBe(20);
});

test('rule 17: a video that cannot go on without a network says so, and goes on with one', async ({
	page,
	context,
}) => {
	await openLesson(page);
	await context.setOffline(true);
	await page.getByRole('button', { name: '省流量' }).click();
	await expect(page.getByText('视频打不开。')).toBeVisible();
	const retry = page.getByRole('button', { name: '再试一次' });
	await retry.click();
	await expect(page.getByText('视频打不开。')).toBeVisible();
	await context.setOffline(false);
	await retry.click();
	await expect
		.poll(() => video(page).evaluate((one: HTMLVideoElement) => one.readyState))
		.toBeGreaterThan(0);
});

test('rule 17: a phone that saves data is shown the small video', async ({ page }) => {
	await page.addInitScript(() => {
		Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
	});
	await openLesson(page);
	const saver = page.getByRole('button', { name: '省流量' });
	await expect(saver).toHaveAttribute('aria-pressed', 'true');
	await expect(video(page)).toHaveAttribute('src', /240p/);
	// What its holder says here counts more, the next time too.
	await saver.click();
	await expect(video(page)).toHaveAttribute('src', /480p/);
	await page.reload();
	await expect(saver).toHaveAttribute('aria-pressed', 'false');
	await expect(video(page)).toHaveAttribute('src', /480p/);
});

test('rule 17: who has the line sees the sharp video, and goes on from any picture of it', async ({
	page,
}) => {
	await openLesson(page);
	const sharp = page.getByRole('button', { name: '高清' });
	await sharp.click();
	await expect(video(page)).toHaveAttribute('src', /720p/);
	await video(page).evaluate(
		(one: HTMLVideoElement) =>
			one.videoHeight > 0 ||
			new Promise((resolve) => one.addEventListener('loadedmetadata', () => resolve(true))),
	);
	await expect(video(page)).toHaveJSProperty('videoHeight', 720);
	await page.getByText('画面预览').click();
	const pictures = page.getByRole('listitem').getByRole('button', { name: /^\d+ (分 \d+ )?秒$/ });
	await expect(pictures.first()).toHaveAttribute('aria-current', 'true');
	await expect(pictures.nth(1)).not.toHaveAttribute('aria-current');
	await sweep(page, 'the pictures of a video');
	await pictures.nth(3).click();
	await expect(pictures.nth(3)).toHaveAttribute('aria-current', 'true');
	const seconds = Number(/\d+/.exec((await pictures.nth(3).textContent()) ?? '')?.[0]);
	// The place is fetched, and until then the browser may say that it stands at the beginning.
	await expect.poll(() => position(page)).toBeGreaterThanOrEqual(seconds);
});

test('who changes the language in the middle of a video goes on where they were', async ({
	page,
}) => {
	await openLesson(page);
	await video(page).evaluate((one: HTMLVideoElement) => (one.currentTime = 20));
	await play(page);
	await playedTo(page, 21);
	const address = await video(page).getAttribute('src');
	const fetched = page.waitForResponse((response) =>
		response.url().includes('/api/v1/me/courses/'),
	);
	await page.getByRole('banner').getByRole('button', { name: 'English', exact: true }).click();
	await fetched;
	await expect(page.getByRole('heading', { name: 'Progress' })).toBeVisible();
	await settled(page);
	expect(await video(page).getAttribute('src')).toBe(address);
	const before = await position(page);
	expect(before).toBeGreaterThanOrEqual(21);
	await playedTo(page, before + 1);
});

test('rule 17: range requests answer 206 with what was asked for', async ({ page }) => {
	await openLesson(page);
	const address = await video(page).evaluate((one: HTMLVideoElement) => one.src);
	const part = await page.request.get(address, { headers: { Range: 'bytes=100-199' } });
	expect(part.status()).toBe(206);
	expect(part.headers()['content-range']).toMatch(/^bytes 100-199\/\d+$/);
	expect((await part.body()).length).toBe(100);
});

test('what waits from before is told before the lesson is opened again', async ({ page }) => {
	const { course } = await openLesson(page);
	let left = false;
	const asked: string[] = [];
	await page.route('**/api/v1/lessons/*/*', (route) => {
		const path = new URL(route.request().url()).pathname;
		if (left) asked.push(path);
		return path.endsWith('/progress') && !left ? route.abort() : route.continue();
	});
	await play(page);
	await playedTo(page, 3);
	page.on('framenavigated', () => (left = true));
	await open(page, lessonPage(course));
	await expect.poll(() => asked.some((path) => path.endsWith('/playback'))).toBe(true);
	expect(asked[0]).toMatch(/\/progress$/);
	await expect(page.getByText(/已经看了 [1-9]\d* 秒/)).toBeVisible();
});

test('seeking to the end earns nothing', async ({ page }) => {
	await openLesson(page);
	const reports: Promise<Progress>[] = [];
	const listen = (response: Response) => {
		if (isProgress(response)) reports.push(progressOf(response));
	};
	page.on('response', listen);
	await play(page);
	await playedTo(page, 1);
	const last = page.waitForResponse(isProgress);
	await video(page).evaluate((one: HTMLVideoElement) => (one.currentTime = one.duration - 2));
	await expect.poll(() => video(page).evaluate((one: HTMLVideoElement) => one.ended)).toBe(true);
	await last;
	await expect(page.getByText(/已经看了 \d+ 秒/)).toBeVisible();
	await expect(page.getByText('这一课学完了！')).toBeHidden();
	// What is answered to a page that is left cannot be read.
	page.off('response', listen);
	for (const progress of await Promise.all(reports)) {
		expect(progress.completed).toBe(false);
		expect(progress.earned).toEqual([]);
		expect(progress.watched_seconds).toBeLessThan(20);
	}
	await open(page, '/credits/');
	await expect(page.getByText('还没有学分')).toBeVisible();
});

test('a lesson watched in real time is completed, and the credits say so', async ({
	page,
	phone,
}) => {
	test.skip(!phone, 'takes a minute, and once is enough');
	const { course } = await openLesson(page, 'earthquake_drill');
	const completed = page.waitForResponse(
		async (response) => isProgress(response) && (await progressOf(response)).completed,
	);
	await page.getByRole('button', { name: /^快一点/ }).click();
	await play(page);
	const progress = await progressOf(await completed);
	expect(progress.watched_seconds).toBeGreaterThanOrEqual(progress.required_seconds);
	expect(progress.earned.length).toBeGreaterThan(0);
	await expect(page.getByText('这一课学完了！')).toBeVisible();
	await expect(page.getByText('得到 0.5 学分')).toBeVisible();

	await page.getByRole('link', { name: '看我的学分' }).click();
	await settled(page);
	const row = page.getByRole('listitem').filter({ hasText: '+0.5' });
	await expect(row).toContainText(course.lessons[0]?.title ?? '');
	await expect(page.getByRole('definition').first()).toHaveText('0.5');
	await page.getByRole('button', { name: 'English' }).click();
	await expect(page.getByRole('listitem').filter({ hasText: '+0.5' })).toContainText(/lesson/i);
});

test('the transcript is searched, and a press goes on from there', async ({ page }) => {
	test.slow();
	await openLesson(page, 'earthquake_drill');
	await page.getByText('看文字稿').click();
	const lines = page.getByRole('main').locator('details li');
	await expect.poll(() => lines.count()).toBeGreaterThan(5);
	const all = await lines.count();
	await sweep(page, 'a lesson with its transcript');
	const search = page.getByLabel('在文字稿里找');
	await search.fill('没有这样的词');
	await expect(page.getByText('没有找到。换个词试试。')).toBeVisible();
	await search.fill('护住');
	await expect.poll(() => lines.count()).toBeLessThan(all);
	await expect(page.getByText(/^找到 \d+ 句$/)).toBeVisible();
	const line = lines.first().getByRole('button');
	const start = await line.innerText();
	await line.click();
	const seconds = start
		.match(/(?:(\d+) 分 )?(\d+) 秒/)
		?.slice(1)
		.map((part) => Number(part ?? 0));
	const wanted = (seconds?.[0] ?? 0) * 60 + (seconds?.[1] ?? 0);
	// First: it is the one spoken for a few seconds.
	await expect(line).toHaveAttribute('aria-current', 'true');
	await expect.poll(() => position(page)).toBeGreaterThanOrEqual(wanted);
	expect(await position(page)).toBeLessThan(wanted + 30);
});
