import { expect, type Browser } from '@playwright/test';
import { admin, courseOf, logIn, type Course } from './site.ts';

/** A lesson as the API takes it. */
export type NewLesson = Record<string, unknown>;

/** A published course of these lessons, made by an admin through the API. */
export async function publishedCourse(
	browser: Browser,
	given: { title: string; prerequisites?: string[] },
	lessons: NewLesson[],
): Promise<Course> {
	const desk = await browser.newPage();
	const headers = { Authorization: `Bearer ${await logIn(desk, admin())}` };
	const post = async (path: string, data: unknown): Promise<{ id: string }> => {
		const answer = await desk.request.post(`/api/v1${path}`, { headers, data });
		expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
		return (await answer.json()) as { id: string };
	};
	const { id } = await post('/courses', { topic: 'health', ...given });
	for (const lesson of lessons) await post(`/courses/${id}/lessons`, lesson);
	for (const step of ['submission', 'approval', 'publication'])
		await post(`/courses/${id}/${step}`, {});
	const course = (await (await desk.request.get(`/api/v1/courses/${id}`)).json()) as Course;
	await desk.close();
	return course;
}

/** An article of one paragraph. */
export const article = (title: string, text: string): NewLesson => ({
	title,
	article: { text },
	credits: '0.50',
});

interface Asked {
	kind: 'single' | 'multiple' | 'true_false';
	text: string;
	options: string[];
	/** Places of the right options. */
	right: number[];
}

/** A quiz whose questions come in their order. */
export const quiz = (title: string, questions: Asked[]): NewLesson => ({
	title,
	credits: '0.50',
	quiz: {
		questions: questions.map(({ options, right, ...question }) => ({
			...question,
			explanation: '书上有。',
			options: options.map((text, place) => ({ text, right: right.includes(place) })),
		})),
	},
});

/**
 * The video of a demo course's first lesson as a lesson of its own, finished when a tenth of it has
 * been watched: some seconds.
 */
export async function shortVideo(browser: Browser, title: string): Promise<NewLesson> {
	const desk = await browser.newPage();
	const headers = { Authorization: `Bearer ${await logIn(desk, admin())}` };
	const { id } = await courseOf(desk.request, 'earthquake_drill');
	const answer = await desk.request.get(`/api/v1/managed-courses/${id}`, { headers });
	const { lessons } = (await answer.json()) as { lessons: { video_id: string | null }[] };
	await desk.close();
	return { title, video_id: lessons[0]?.video_id, completion_percent: 10, credits: '0.50' };
}
