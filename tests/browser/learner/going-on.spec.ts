import type { Page } from '@playwright/test';
import { article, publishedCourse, quiz, shortVideo } from '../support/authoring.ts';
import { enroll, logInAsNewResident, newName } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/** From the first page on with the course that was joined last. */
async function goOn(page: Page, title: string): Promise<void> {
	await open(page, '/');
	await page.getByRole('link', { name: '接着学', description: title }).click();
	await expect(page).toHaveURL(/\/lesson\//);
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

test('going on leads to what was begun last: a video, an article, a quiz', async ({
	page,
	browser,
}) => {
	const question = {
		kind: 'single' as const,
		text: '先做什么？',
		options: ['护头', '跑'],
		right: [0],
	};
	const course = await publishedCourse(browser, { title: `接着${newName()}` }, [
		await shortVideo(browser, '看一看'),
		article('读一读', '好'),
		quiz('考一考', [question, { ...question, text: '再做什么？' }]),
	]);
	const person = await logInAsNewResident(page);
	await enroll(page.request, person.token, course);

	await goOn(page, course.title);
	await expect(heading(page, '看一看')).toBeVisible();
	const video = page.locator('video');
	const reported = page.waitForResponse((each) => each.url().endsWith('/progress') && each.ok());
	// It stops by itself: some seconds later the lesson would be finished.
	await video.evaluate((one: HTMLVideoElement) => {
		one.addEventListener('timeupdate', () => {
			if (one.currentTime > 2) one.pause();
		});
		return one.play();
	});
	await reported;
	await goOn(page, course.title);
	await expect(heading(page, '看一看')).toBeVisible();

	await page.getByRole('link', { name: '读一读' }).click();
	await expect(page.getByRole('button', { name: '我读完了' })).toBeVisible();
	await goOn(page, course.title);
	await expect(heading(page, '读一读')).toBeVisible();

	await page.getByRole('link', { name: '考一考' }).click();
	await page.getByRole('button', { name: '开始答题' }).click();
	await page.getByLabel('护头').check();
	await page.getByRole('button', { name: '就选这个' }).click();
	await expect(page.getByText('答对了')).toBeVisible();
	await goOn(page, course.title);
	await expect(heading(page, '考一考')).toBeVisible();
	await page.getByRole('button', { name: '接着答题' }).click();
	await expect(page.getByText('再做什么？')).toBeVisible();
});

test('an address of a lesson that was replaced leads back to the course', async ({
	page,
	browser,
}) => {
	const course = await publishedCourse(browser, { title: `换掉${newName()}` }, [
		article('读一读', '好'),
	]);
	const person = await logInAsNewResident(page);
	await enroll(page.request, person.token, course);
	await open(page, `/lesson/?course=${course.id}&lesson=${person.id}&kind=article`);
	await expect(page.getByText('这一课已经换掉')).toBeVisible();
	await page.getByRole('main').getByRole('link', { name: '回到课程' }).first().click();
	await expect(heading(page, course.title)).toBeVisible();
});
