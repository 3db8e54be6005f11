import type { Page, Route } from '@playwright/test';

/** Comes back once the server has ended the session. */
export const loggedOut = (page: Page) =>
	page.waitForResponse(
		(each) => each.request().method() === 'DELETE' && each.url().endsWith('/api/v1/session'),
	);

/** Lets the rest of the time pass, and comes back once the server too has ended the session. */
export async function runOut(page: Page, time: string): Promise<void> {
	const ended = loggedOut(page);
	await page.clock.fastForward(time);
	await ended;
}

/**
 * Lets the next renewal of the session wait.
 *
 * @returns a function that has `answer` given, and comes back once the page has taken it in
 */
export async function holdRenewal(
	page: Page,
	answer: (route: Route) => Promise<void>,
): Promise<() => Promise<void>> {
	const renewal = '**/api/v1/session/refreshment';
	let release = (): void => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	await page.route(
		renewal,
		async (route) => {
			await released;
			await answer(route);
		},
		{ times: 1 },
	);
	const asked = page.waitForRequest(renewal);
	const answered = page.waitForResponse(renewal);
	return async () => {
		await asked;
		release();
		await (await answered).finished();
		// What is asked for later is answered later, so the page has the first answer by then.
		await page.evaluate(() => fetch('/health/live').then((response) => response.text()));
	};
}
