import { randomUUID } from 'node:crypto';
import { expect, type APIRequestContext, type Browser, type Page } from '@playwright/test';
import { article, publishedCourse } from './authoring.ts';
import { admin, enroll, logIn, newName, newResident, type Course } from './site.ts';

/** A published course of one article that takes no time to read. */
export const shortCourse = (browser: Browser): Promise<Course> =>
	publishedCourse(browser, { title: `手机${newName()}` }, [article('放大字体', '打开设置。')]);

export const articlePage = (course: Course) =>
	`/lesson/?course=${course.id}&lesson=${course.lessons[0]?.id}&kind=article`;

/** Says that an article has been read until its lesson is done: reading takes its time. */
export async function finishReading(page: Page): Promise<void> {
	const done = page.getByRole('heading', { name: '这一课读完了！' });
	await expect
		.poll(async () => {
			await page
				.getByRole('button', { name: '我读完了' })
				.click({ timeout: 1000 })
				.catch(() => {});
			return done.isVisible();
		})
		.toBe(true);
}

/** Does something over the API with a token. */
export function withToken(request: APIRequestContext, token: string) {
	return async (method: string, path: string, data?: unknown): Promise<Record<string, unknown>> => {
		const answer = await request.fetch(`/api/v1${path}`, {
			method,
			headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': randomUUID() },
			...(data === undefined ? {} : { data }),
		});
		expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
		return (await answer.json()) as Record<string, unknown>;
	};
}

/** Asks a question as a new resident of this name who has joined the course; answers its id. */
export async function askAs(
	browser: Browser,
	course: Course,
	name: string,
	text: string,
): Promise<string> {
	const page = await browser.newPage();
	const token = await logIn(page, await newResident(page.request, { name }));
	await enroll(page.request, token, course);
	const call = withToken(page.request, token);
	const { id } = await call('POST', `/lessons/${course.lessons[0]?.id}/questions`, { text });
	await page.close();
	return id as string;
}

/** Does something as an admin. */
export async function asAdmin(browser: Browser, method: string, path: string, data?: unknown) {
	const page = await browser.newPage();
	await withToken(page.request, await logIn(page, admin()))(method, path, data);
	await page.close();
}
