import type { Page } from '@playwright/test';
import { admin, logIn, newResident } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/** Makes the first page of a list end early, and answers what comes after it as `next` says. */
async function endEarly(
	page: Page,
	address: RegExp,
	next: (query: URLSearchParams, first: { items: { id: string }[] }) => Promise<unknown>,
): Promise<void> {
	let first: { items: { id: string }[] } = { items: [] };
	await page.route(address, async (route) => {
		const query = new URL(route.request().url()).searchParams;
		if (query.get('cursor') !== null) {
			const json = await next(query, first);
			return json === null ? route.abort() : route.fulfill({ json });
		}
		const answer = await route.fetch();
		first = (await answer.json()) as typeof first;
		return route.fulfill({ response: answer, json: { ...first, next_cursor: 'further' } });
	});
}

test('more courses are listed once, though they were asked for twice', async ({ page }) => {
	await logIn(page, admin());
	let asked = 0;
	let twice = (): void => undefined;
	const both = new Promise<void>((resolve) => (twice = resolve));
	await endEarly(page, /\/managed-courses\?|\/managed-courses$/, async (_query, { items }) => {
		asked += 1;
		if (asked === 2) twice();
		await both;
		return { items: [{ ...items[0], id: 'further', title: '另一页的课程' }], next_cursor: null };
	});
	await open(page, '/office/courses/');
	const more = page.getByRole('button', { name: '再显示一些' });
	await more.evaluate((button: HTMLElement) => {
		button.click();
		button.click();
	});
	await expect(more).toHaveCount(0);
	await expect(page.getByRole('link', { name: '另一页的课程' })).toHaveCount(1);
	expect(asked).toBe(2);
});

test('more people are those who were searched for, and failing that are asked for again', async ({
	page,
}) => {
	const { name } = await newResident(page.request);
	await logIn(page, admin());
	const asked: (string | null)[] = [];
	await endEarly(page, /\/api\/v1\/residents\?/, async (query) => {
		asked.push(query.get('q'));
		return asked.length === 1 ? null : { items: [], next_cursor: null };
	});
	await open(page, '/office/people/');
	await page.getByRole('searchbox').fill(name);
	await page.getByRole('button', { name: '查找' }).click();
	await page.getByRole('searchbox').fill('王');
	await page.getByRole('button', { name: '再显示一些' }).click();
	await page.getByRole('alert').getByRole('button', { name: '再试一次' }).click();
	await expect(page.getByRole('button', { name: '再显示一些' })).toHaveCount(0);
	await expect(page.getByRole('alert')).toHaveCount(0);
	expect(asked).toEqual([name, name]);
});
