import { get } from 'node:http';
import type { Page } from '@playwright/test';
import {
	courseOf,
	enroll,
	lessonPage,
	logIn,
	logInAsNewResident,
	staffOf,
} from './support/site.ts';
import { open } from './support/sweep.ts';
import { test, expect } from './support/test.ts';

/** Bytes of the body as it comes over the wire to a browser that takes gzip. */
function gzipBytes(url: string): Promise<number> {
	return new Promise((resolve, reject) => {
		get(url, { headers: { 'Accept-Encoding': 'gzip', Accept: '*/*' } }, (response) => {
			if (response.headers['content-encoding'] !== 'gzip')
				reject(new Error(`${url} does not come as gzip`));
			let bytes = 0;
			response.on('data', (part: Buffer) => (bytes += part.length));
			response.on('end', () => resolve(bytes));
		}).on('error', reject);
	});
}

/** What opening a page makes an empty browser fetch, by kind, in bytes of gzip. */
async function firstLoad(page: Page, address: string) {
	const fetched: { kind: string; url: string }[] = [];
	page.on('request', (request) => {
		const kind = request.resourceType();
		if (['document', 'stylesheet', 'script'].includes(kind))
			fetched.push({ kind, url: request.url() });
	});
	await open(page, address);
	const sizes = { document: 0, stylesheet: 0, script: 0 } as Record<string, number>;
	for (const { kind, url } of fetched) sizes[kind] = (sizes[kind] ?? 0) + (await gzipBytes(url));
	const all = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
	const said = `${address}: ${sizes.script} B of JavaScript, ${all} B with HTML and CSS, gzip`;
	test.info().annotations.push({ type: 'measured', description: said });
	console.log(said);
	return { script: sizes.script ?? 0, all };
}

test('rule 13: what a learner fetches at first', async ({ page, phone }) => {
	test.skip(!phone, 'the same bytes on every screen');
	for (const address of ['/', '/courses/', '/log-in/', '/register/name/']) {
		const { script, all } = await firstLoad(page, address);
		expect.soft(script, address).toBeLessThanOrEqual(60_000);
		expect.soft(all, address).toBeLessThanOrEqual(100_000);
	}
});

test('rule 13: what a lesson fetches at first', async ({ page, phone }) => {
	test.skip(!phone, 'the same bytes on every screen');
	const { token } = await logInAsNewResident(page);
	const course = await courseOf(page.request, 'elderly_learning');
	await enroll(page.request, token, course);
	const { script, all } = await firstLoad(page, lessonPage(course));
	expect(script).toBeLessThanOrEqual(60_000);
	expect(all).toBeLessThanOrEqual(100_000);
});

test('rule 13: what the office fetches at first', async ({ page, phone }) => {
	test.skip(phone, 'the same bytes on every screen');
	expect((await firstLoad(page, '/office/log-in/')).script).toBeLessThanOrEqual(150_000);
	await logIn(page, staffOf('FR'));
	expect((await firstLoad(page, '/office/ranking/')).script).toBeLessThanOrEqual(150_000);
});
