import { writeFileSync } from 'node:fs';
import { chromium, expect, type Browser, type LaunchOptions, type Page } from '@playwright/test';
import encode from 'qr';
import { loggedOut } from './renewal.ts';
import { logIn, staffOf } from './site.ts';

/** What a resident takes home from the desk. */
export interface Card {
	/** The page and the secret behind its `#`, as the square code holds it. */
	address: string;
	/** The secret itself. */
	token: string;
	/** The letters printed beside it. */
	code: string;
	/** To set a PIN with, once. */
	oneTimeCode: string;
}

/** Staff of the street centre print somebody's card and make a one-time code, at a desk of their own. */
export async function issueCard(browser: Browser, origin: string, id: string): Promise<Card> {
	const context = await browser.newContext({ baseURL: origin });
	const desk = await context.newPage();
	const headers = { Authorization: `Bearer ${await logIn(desk, staffOf('CQJD'))}` };
	const post = async <T>(path: string): Promise<T> => {
		const answer = await desk.request.post(`/api/v1/residents/${id}/${path}`, {
			headers,
			data: {},
		});
		expect(answer.status(), await answer.text()).toBe(201);
		return (await answer.json()) as T;
	};
	const card = await post<{ url: string; code: string }>('learner-cards');
	const made = await post<{ code: string }>('one-time-code');
	await context.close();
	const token = card.url.split('#')[1] ?? '';
	return { address: `/card/#${token}`, token, code: card.code, oneTimeCode: made.code };
}

/** Presses the keys of the pad. */
export async function pressPin(page: Page, pin: string): Promise<void> {
	for (const digit of pin) await page.getByRole('button', { name: digit, exact: true }).click();
}

/** Sets a PIN without the page, and leaves this browser logged in and remembered. */
export async function setPin(page: Page, card: Card, pin: string): Promise<string> {
	const data = { card: card.token, code: card.oneTimeCode, pin };
	const answer = await page.request.post('/api/v1/session/pin', { data });
	expect(answer.status(), await answer.text()).toBe(201);
	// What the application itself remembers after the pad.
	await page.addInitScript(() => {
		if (sessionStorage.getItem('test.entered')) return;
		sessionStorage.setItem('test.entered', '1');
		localStorage.setItem('changqing.signed_in', '1');
		localStorage.setItem('changqing.opens', '1');
	});
	return ((await answer.json()) as { access_token: string }).access_token;
}

/** Ends the session, as the button does; the phone stays remembered. */
export async function logOut(page: Page): Promise<void> {
	const ended = loggedOut(page);
	await page.getByRole('button', { name: '退出登录' }).click();
	await ended;
	await expect(page.getByText('您现在没有登录。')).toBeVisible();
}

/** A film of a card, as a camera would see it: grey, 640×480, in the form that Chromium plays. */
export function filmOf(text: string, path: string): void {
	const [width, height, scale] = [640, 480, 6];
	const modules = encode(text, 'raw', { border: 4 });
	const luma = Buffer.alloc(width * height, 150);
	const side = modules.length * scale;
	const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
	for (let y = 0; y < side; y += 1)
		for (let x = 0; x < side; x += 1) {
			const dark = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] ?? false;
			luma[(top + y) * width + left + x] = dark ? 30 : 225;
		}
	const chroma = Buffer.alloc((width * height) / 2, 128);
	const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
	const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
	writeFileSync(path, Buffer.concat([head, ...Array<Buffer>(10).fill(frame)]));
}

/** A browser whose camera sees a film. */
export const withCamera = (options: LaunchOptions, film: string): Promise<Browser> =>
	chromium.launch({
		...options,
		args: [
			...(options.args ?? []),
			'--use-fake-device-for-media-stream',
			'--use-fake-ui-for-media-stream',
			`--use-file-for-fake-video-capture=${film}`,
		],
	});
