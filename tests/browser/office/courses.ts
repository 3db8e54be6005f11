import { randomUUID } from 'node:crypto';
import { expect, type APIRequestContext } from '@playwright/test';

export interface MadeCourse {
	id: string;
	title: string;
	post: (path: string, data?: object) => Promise<{ id: string }>;
}

/** A course of one's own branch that nobody has handed in, made without the page. */
export async function makeCourse(request: APIRequestContext, token: string): Promise<MadeCourse> {
	const send = async (path: string, data: object): Promise<{ id: string }> => {
		const answer = await request.post(`/api/v1${path}`, {
			headers: { Authorization: `Bearer ${token}` },
			data,
		});
		expect(answer.status(), await answer.text()).toBe(201);
		return (await answer.json()) as { id: string };
	};
	const title = `阳台种菜 ${randomUUID().slice(0, 6)}`;
	const { id } = await send('/courses', { title, summary: '种几盆青菜。', topic: 'health' });
	return { id, title, post: (path, data = {}) => send(`/courses/${id}${path}`, data) };
}

/** An article as the API takes it. */
export const article = (title: string) => ({
	title,
	article: { text: '# 准备\n\n**先**备好花盆。' },
});

/** A quiz of one question as the API takes it. */
export const quiz = (title: string) => ({
	title,
	quiz: {
		questions: [
			{
				kind: 'single',
				text: '青菜几天出芽？',
				options: [
					{ text: '三五天', right: true },
					{ text: '一个月', right: false },
				],
				explanation: '天暖时三五天就出芽。',
			},
		],
		draw: null,
		shuffle: false,
	},
});

export const coursePage = (id: string) => `/office/courses/course/?id=${id}`;
