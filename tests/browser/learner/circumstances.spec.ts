import { holdRenewal } from '../support/renewal.ts';
import { logInAsNewResident, courseOf } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { test, expect, observed } from '../support/test.ts';

test('rules 12 20: offline the shell opens and says so in Chinese', async ({
	browser,
	baseURL,
}) => {
	const context = await browser.newContext({ baseURL, serviceWorkers: 'allow' });
	const page = await context.newPage();
	const seen = await observed(page, new URL(baseURL ?? '').origin);
	await open(page, '/');
	// In place once it has fetched the shell.
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
	await page.reload();
	expect(seen.thirdParties).toEqual([]);
	expect(await context.cookies(), 'a visitor gets no cookie').toEqual([]);
	await context.setOffline(true);
	for (const [address, heading] of [
		['/', '在家门口学点新东西'],
		['/help/', '帮助'],
		['/credits/', '我的学分'],
	] as const) {
		await page.goto(address);
		await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
		await expect(page.getByText('现在没有网络')).toBeVisible();
	}
	await page.goto('/settings/');
	await expect(page.getByText('现在没有网络')).toBeVisible();
	await page.getByRole('button', { name: '长辈版' }).click();
	await expect(page.locator('body')).toHaveCSS('font-size', '24px');
	await context.close();
});

test('rule 20: forced colours keep borders, reduced motion leaves no animation', async ({
	page,
}) => {
	await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
	for (const address of ['/', '/log-in/', '/settings/', '/help/']) {
		await open(page, address);
		const bare = await page.evaluate(() =>
			[...document.querySelectorAll('main button, main input, main .card')]
				// The browser draws these itself, in the colours forced upon it.
				.filter((one) => !one.matches('[type=radio], [type=checkbox]'))
				.filter((one) => one.checkVisibility())
				.filter((one) => {
					const { borderTopWidth, borderTopStyle } = getComputedStyle(one);
					return borderTopStyle === 'none' || Number.parseFloat(borderTopWidth) < 1;
				})
				.map((one) => one.outerHTML.slice(0, 80)),
		);
		expect(bare, address).toEqual([]);
		const moving = await page.evaluate(() => {
			const slow = [...document.querySelectorAll('*')].filter((one) => {
				const { transitionDuration, animationName } = getComputedStyle(one);
				return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
			});
			return slow.length + document.getAnimations().length;
		});
		expect(moving, address).toBe(0);
	}
});

test('rule 18: nothing offers to read aloud where no voice speaks Chinese', async ({ page }) => {
	await page.addInitScript(() => {
		speechSynthesis.getVoices = () =>
			[{ lang: 'en-US', name: 'English' }] as SpeechSynthesisVoice[];
	});
	await open(page, '/help/');
	await expect(page.getByRole('button', { name: '读给我听' })).toHaveCount(0);
});

test('rule 18: reading aloud starts and stops on course and help pages', async ({
	page,
	request,
}) => {
	// Headless browsers have no voice; this one notes what it would have said.
	await page.addInitScript(() => {
		const said: string[] = [];
		Object.assign(globalThis, { said });
		speechSynthesis.getVoices = () => [{ lang: 'zh-CN', name: '中文' }] as SpeechSynthesisVoice[];
		speechSynthesis.speak = (utterance) => void said.push(utterance.text);
		speechSynthesis.cancel = () => void said.push('stop');
		Object.defineProperty(SpeechSynthesisUtterance.prototype, 'voice', {
			set() {},
			get: () => null,
		});
	});
	const course = await courseOf(request, 'earthquake_drill');
	const said = () => page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
	for (const [address, words] of [
		[`/course/?id=${course.id}`, course.title],
		['/help/', '怎么注册'],
	] as const) {
		await open(page, address);
		await page.getByRole('button', { name: '读给我听' }).click();
		await expect.poll(async () => (await said()).join('')).toContain(words);
		await page.getByRole('button', { name: '停下来' }).click();
		expect((await said()).at(-1)).toBe('stop');
		await expect(page.getByRole('button', { name: '读给我听' })).toBeVisible();
	}
});

test('rule 16: the session warns ahead, one tap extends it, what was typed survives', async ({
	page,
}) => {
	await page.clock.install();
	await logInAsNewResident(page);
	await open(page, '/settings/');
	await expect(page.getByText('现在登录的是')).toBeVisible();
	const typed = page.getByLabel('查找设置');
	await typed.fill('账号');

	await page.clock.fastForward('27:30');
	await expect(page.getByText('登录快到时间了')).toBeHidden();
	await page.clock.fastForward('01:00');
	const warning = page.getByText(/\d+ 秒后会自动退出/);
	await expect(warning).toBeVisible();
	const left = Number(/(\d+) 秒/.exec((await warning.textContent()) ?? '')?.[1]);
	expect(left).toBeGreaterThanOrEqual(60);
	await page.getByRole('button', { name: '继续使用' }).click();
	await expect(warning).toBeHidden();
	await expect(typed).toHaveValue('账号');
	await expect(page.getByText('现在登录的是')).toBeVisible();

	await page.clock.fastForward('28:30');
	await expect(warning).toBeVisible();
	await page.clock.fastForward('02:00');
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await expect(typed).toHaveValue('账号');
	await expect(page.getByText('您现在没有登录。')).toBeVisible();
});

test('rule 16: who has logged out stays logged out, also when a renewal is granted afterwards', async ({
	page,
}) => {
	await page.clock.install();
	await logInAsNewResident(page);
	await open(page, '/settings/');
	await expect(page.getByText('现在登录的是')).toBeVisible();
	// Asked for before the log-out and answered after it, as on a slow line.
	const good = await page.request.post('/api/v1/session/refreshment');
	expect(good.status()).toBe(200);
	const release = await holdRenewal(page, async (route) => route.fulfill({ response: good }));
	await page.clock.fastForward('28:30');
	await page.getByRole('button', { name: '继续使用' }).click();
	await page.getByRole('button', { name: '退出登录' }).click();
	await expect(page.getByText('您现在没有登录。')).toBeVisible();
	await release();
	await expect(page.getByText('您现在没有登录。')).toBeVisible();
});

test('rule 16: what is done in a dialog counts, for nobody can tap a warning below it', async ({
	page,
}) => {
	await page.clock.install();
	await logInAsNewResident(page);
	await open(page, '/settings/');
	await expect(page.getByText('现在登录的是')).toBeVisible();
	await page.evaluate(() => {
		const dialog = document.createElement('dialog');
		dialog.append(document.createElement('input'));
		document.body.append(dialog);
		dialog.showModal();
	});
	const warning = page.getByText('登录快到时间了');
	await page.clock.fastForward('28:30');
	await expect(warning).toBeVisible();
	await page.keyboard.type('您好');
	await page.clock.fastForward('00:02');
	await expect(warning).toBeHidden();
	await page.clock.fastForward('02:00');
	await expect(page.getByText('现在登录的是')).toBeVisible();
});

test('rule 16: a session that could not be taken up for want of a network is, once there is one', async ({
	page,
}) => {
	await logInAsNewResident(page);
	const renewal = '**/api/v1/session/refreshment';
	await page.route(renewal, (route) => route.abort());
	await open(page, '/settings/');
	await expect(page.getByText('您现在没有登录。')).toBeVisible();
	await page.unroute(renewal);
	await page.evaluate(() => dispatchEvent(new Event('online')));
	await expect(page.getByText('现在登录的是')).toBeVisible();
});

test('rule 16: a network that comes while the session is asked for without one is not missed', async ({
	page,
}) => {
	await logInAsNewResident(page);
	const renewal = '**/api/v1/session/refreshment';
	let give = (): void => undefined;
	const given = new Promise<void>((resolve) => (give = resolve));
	await page.route(renewal, async (route) => given.then(() => route.abort()), { times: 1 });
	const asked = page.waitForRequest(renewal);
	await open(page, '/settings/');
	await asked;
	await page.evaluate(() => dispatchEvent(new Event('online')));
	give();
	await expect(page.getByText('现在登录的是')).toBeVisible();
});

test('rule 19: no word of the other language is left over', async ({ page }) => {
	const words = () =>
		page.evaluate(() => {
			const found: string[] = [];
			const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			for (let node = walker.nextNode(); node; node = walker.nextNode()) {
				const element = node.parentElement;
				const own = element?.closest('[lang]') === document.documentElement;
				if (own && !element?.closest('script, noscript, .name')) found.push(node.textContent ?? '');
			}
			return [document.title, ...found];
		});
	for (const address of [
		'/log-in/',
		'/help/',
		'/credits/',
		'/register/name/',
		'/register/birth-date/',
		'/register/contact/',
		'/register/password/',
		'/register/check/',
		'/no-such-page/',
		'/office/log-in/',
	]) {
		await open(page, address);
		// Names of things that are the same in every language, and what people type.
		const latin = (await words()).filter((text) =>
			/[A-Za-z]{2,}/.test(text.replace(/wang@example\.com|Language|JavaScript|Excel/g, '')),
		);
		expect.soft(latin, `${address} in Chinese`).toEqual([]);
		await page.getByRole('button', { name: 'English' }).click();
		await expect(page.locator('html')).toHaveAttribute('lang', 'en');
		const chinese = (await words()).filter((text) => /\p{Script=Han}/u.test(text));
		expect.soft(chinese, `${address} in English`).toEqual([]);
		await page.getByRole('button', { name: '中文' }).click();
	}
});
