import { filmOf, issueCard, logOut, pressPin, setPin, withCamera } from '../support/cards.ts';
import { tabTo } from '../support/keyboard.ts';
import { newResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect, observed, expectNothingForbidden } from '../support/test.ts';

const rules = 'rules 1 2 3 4 5 6 7 9 10 12 19';
const pin = '582047';

test('a card, a PIN by code, and from then on one press', async ({ page, browser, baseURL }) => {
	test.slow();
	const person = await newResident(page.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	const asked: string[] = [];
	page.on('request', (request) => asked.push(request.url()));

	await open(page, card.address);
	await expect(page).toHaveURL(/\/card\/$/);
	await expect(page.getByRole('heading', { name: '按您的六位密码' })).toBeVisible();
	await pressPin(page, pin);
	await expect(page.getByRole('alert')).toContainText('密码不对');
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.locator('#pin')).toHaveValue('');
	await expect(page.locator('#pin')).toHaveAttribute('aria-invalid', 'true');

	await page.getByRole('button', { name: '还没有密码，或者忘了' }).click();
	await page.getByRole('button', { name: '继续' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await page.getByLabel('一次性验证码').fill(card.oneTimeCode.toUpperCase());
	await page.getByRole('button', { name: '继续' }).click();
	const choose = page.getByRole('heading', { name: '给自己定一个六位密码' });
	const again = page.getByRole('heading', { name: '再按一遍' });
	for (const [first, second, words] of [
		['123456', '123456', '太容易被猜到'],
		[pin, '730915', '两次按的不一样'],
	] as const) {
		await expect(choose).toBeVisible();
		await pressPin(page, first);
		await expect(again).toBeVisible();
		await pressPin(page, second);
		await expect(page.getByRole('alert')).toContainText(words);
	}
	await pressPin(page, pin);
	await expect(again).toBeVisible();
	await pressPin(page, pin);
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();
	const kept = await page.evaluate(() =>
		JSON.stringify([localStorage, sessionStorage, document.cookie, location.href, history.state]),
	);
	expect(kept).not.toContain(card.token);
	expect(asked.join('\n'), 'rule 10: no secret in a path or a query').not.toContain(card.token);
	expect(asked.join('\n')).not.toContain(pin);

	await open(page, '/settings/');
	await logOut(page);
	await open(page, '/');
	const enter = page.getByRole('button', { name: `${person.name}，点这里进入` });
	await expect(enter).toBeVisible();
	await page.getByRole('button', { name: '不是我，用别的办法登录' }).click();
	await expect(page.getByLabel('手机号、邮箱或学员号')).toBeVisible();
	await page.reload();
	await enter.click();
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();

	await open(page, '/my/devices/');
	await expect(page.getByText('就是这一台')).toHaveCount(1);
	const mine = page.getByRole('listitem').filter({ hasText: '就是这一台' });
	await mine.getByRole('button', { name: '忘掉这台设备' }).click();
	const dialog = mine.getByRole('dialog');
	await expect(dialog).toContainText('您正在用的这一台');
	await dialog.getByRole('button', { name: '忘掉这台设备' }).click();
	await expect(page.getByText('这台设备已经不记得您了。')).toBeFocused();
	await expect(page.getByRole('main').getByRole('link', { name: '登录' })).toBeVisible();
	await open(page, '/log-in/');
	await expect(page.getByRole('link', { name: '用学员卡登录' })).toBeVisible();
	await expect(enter).toBeHidden();
});

test('a device that everybody uses remembers nobody, and forgets by itself', async ({
	page,
	browser,
	baseURL,
}) => {
	const person = await newResident(page.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	const other = await browser.newContext({ baseURL });
	await setPin(await other.newPage(), card, pin);
	await other.close();

	await page.clock.install();
	await open(page, '/card/');
	await page.getByLabel('卡上的字母和数字').fill(card.code.toUpperCase());
	await page.getByRole('button', { name: '继续' }).click();
	await page.getByLabel('这是大家共用的设备').check();
	await pressPin(page, pin);
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();
	const cookies = await page.context().cookies();
	expect(cookies.map((cookie) => cookie.name)).toEqual(['changqing_refresh']);
	const refresh = cookies[0]?.expires ?? 0;
	expect(refresh - Date.now() / 1000, 'a quarter of an hour').toBeLessThanOrEqual(15 * 60 + 5);

	await page.clock.fastForward('12:30');
	await expect(page.getByText(/\d+ 秒后会自动退出/)).toBeVisible();
	await page.getByRole('button', { name: '继续使用' }).click();
	await expect(page.getByText(/秒后会自动退出/)).toBeHidden();
	await page.clock.fastForward('13:00');
	await expect(page.getByText(/\d+ 秒后会自动退出/)).toBeVisible();
	// It leaves by loading the first page anew: nothing of the person stays in its memory.
	const loaded = page.waitForEvent('load');
	await page.clock.fastForward('02:00');
	await loaded;
	await expect(page.getByLabel('手机号、邮箱或学员号')).toBeVisible();
	await expect(page.getByText(person.name)).toBeHidden();
	await open(page, '/card/');
	await page.getByLabel('卡上的字母和数字').fill(card.code);
	await page.getByRole('button', { name: '继续' }).click();
	await expect(page.getByLabel('这是大家共用的设备'), 'remembered').toBeChecked();
});

test('by keyboard alone: the letters of the card and the PIN', async ({
	page,
	browser,
	baseURL,
	phone,
}) => {
	test.skip(phone, 'keyboards stand on desks');
	const person = await newResident(page.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	const other = await browser.newContext({ baseURL });
	await setPin(await other.newPage(), card, pin);
	await other.close();

	await open(page, '/log-in/');
	await tabTo(page, page.getByRole('link', { name: '用学员卡登录' }));
	await page.keyboard.press('Enter');
	await tabTo(page, page.getByLabel('卡上的字母和数字'));
	await page.keyboard.type(card.code);
	await page.keyboard.press('Enter');
	const field = page.locator('#pin');
	await expect(field).toBeFocused();
	await page.keyboard.type('58');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toContainText('还没有按完');
	await expect(field).toBeFocused();
	await page.keyboard.press('Backspace');
	await page.keyboard.type('82048');
	await expect(page.getByRole('alert')).toContainText('密码不对');
	await expect(field).toBeFocused();
	await expect(field).toHaveValue('');
	// Digits count too while a key has the focus.
	await tabTo(page, page.getByRole('button', { name: '1', exact: true }));
	await page.keyboard.type(pin);
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();
});

test('on a phone of several each needs their PIN', async ({ page, browser, baseURL }) => {
	test.slow();
	const people = [];
	for (const secret of [pin, '730915']) {
		const person = await newResident(page.request);
		await setPin(page, await issueCard(browser, baseURL ?? '', person.id), secret);
		people.push({ ...person, secret });
	}
	await open(page, '/settings/');
	await logOut(page);
	await open(page, '/log-in/');
	const [first, second] = people;
	await expect(page.getByRole('button', { name: /点这里进入/ })).toHaveCount(2);
	await page.getByRole('button', { name: `${first?.name}，点这里进入` }).click();
	await expect(
		page.getByRole('heading', { name: `${first?.name}，请按您的六位密码` }),
	).toBeVisible();
	await pressPin(page, second?.secret ?? '');
	await expect(page.getByRole('alert')).toContainText('密码不对');
	await sweep(page, 'PIN of one of several');
	await page.getByRole('button', { name: '回去选名字' }).click();
	await page.getByRole('button', { name: `${second?.name}，点这里进入` }).click();
	await pressPin(page, second?.secret ?? '');
	await expect(page).not.toHaveURL(/log-in/);
	await open(page, '/');
	await expect(page.getByRole('heading', { name: `${second?.name}，您好` })).toBeVisible();
});

test('who tries too often is told how long to wait', async ({ page }) => {
	await page.route('**/api/v1/session/card', (route) =>
		route.fulfill({
			status: 429,
			headers: { 'Retry-After': '95' },
			contentType: 'application/problem+json',
			json: { type: 'about:blank', title: '', status: 429, code: 'too_many_requests', detail: '' },
		}),
	);
	await open(page, '/card/#AAAAAAAAAAAAAAAAAAAAAA');
	await pressPin(page, pin);
	await expect(page.getByRole('alert')).toContainText('请等 2 分钟再试');
});

test('one sets another PIN after a proof', async ({ page, browser, baseURL }) => {
	test.slow();
	const person = await newResident(page.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	await setPin(page, card, pin);
	await open(page, '/settings/');
	await logOut(page);
	await open(page, '/');
	// Coming in by a press is no proof of who it is.
	await page.getByRole('button', { name: `${person.name}，点这里进入` }).click();
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();
	await open(page, '/my/pin/');
	await sweep(page, 'a PIN of one’s own');
	await pressPin(page, '730915');
	await pressPin(page, '730915');
	const proof = page.getByLabel('现在的六位密码，或者登录密码');
	await expect(proof).toBeVisible();
	await sweep(page, 'proof before a new PIN');
	await proof.fill('000000');
	await proof.press('Enter');
	await expect(proof).toHaveAttribute('aria-invalid', 'true');
	await expect(proof).toBeFocused();
	await proof.fill(pin);
	await proof.press('Enter');
	await expect(page.getByText('新的六位密码设好了')).toBeVisible();
	await open(page, '/settings/');
	await logOut(page);
	await open(page, card.address);
	await pressPin(page, '730915');
	await expect(page.getByRole('heading', { name: `${person.name}，您好` })).toBeVisible();
});

test('without a camera there are words, and the letters', async ({ page }) => {
	await open(page, '/card/');
	await page.getByRole('button', { name: '用摄像头扫卡' }).click();
	await expect(page.getByRole('alert')).toContainText('照着卡填');
	await expect(page.getByLabel('卡上的字母和数字')).toBeFocused();
	await sweep(page, 'learner card, no camera');
});

test('the camera reads the card', async ({ browser, baseURL, launchOptions }, testInfo) => {
	const context = await browser.newContext({ baseURL });
	const person = await newResident(context.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	await context.close();
	const film = testInfo.outputPath('card.y4m');
	filmOf(new URL(card.address, baseURL).href, film);
	const looking = await withCamera(launchOptions, film);
	const page = await looking.newPage({ baseURL, locale: 'zh-CN', serviceWorkers: 'block' });
	const seen = await observed(page, new URL(baseURL ?? '').origin);
	await open(page, '/card/');
	await page.getByRole('button', { name: '用摄像头扫卡' }).click();
	await expect(page.getByRole('heading', { name: '按您的六位密码' })).toBeVisible();
	expect(page.url()).not.toContain(card.token);
	expectNothingForbidden(seen);
	await looking.close();
});

test(`${rules}: PIN pad and new PIN`, async ({ page }) => {
	test.slow();
	await open(page, '/card/#AAAAAAAAAAAAAAAAAAAAAA');
	await expect(page.locator('#pin')).toBeVisible();
	await pressPin(page, '58');
	await page.getByRole('button', { name: '确定' }).click();
	await expect(page.getByRole('alert')).toContainText('还没有按完');
	await sweep(page, 'PIN pad');
	await page.getByRole('button', { name: '还没有密码，或者忘了' }).click();
	await sweep(page, 'one-time code for a PIN');
});

test(`${rules}: a phone that remembers somebody, and their devices`, async ({
	page,
	browser,
	baseURL,
}) => {
	test.slow();
	const person = await newResident(page.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	await setPin(page, card, pin);
	await open(page, '/my/devices/');
	await expect(page.getByText('就是这一台')).toBeVisible();
	await sweep(page, 'devices');
	await open(page, '/card/');
	await expect(page.getByText(`现在登录的是：${person.name}`)).toBeVisible();
	await sweep(page, 'learner card, logged in');
	await open(page, '/settings/');
	await logOut(page);
	for (const address of ['/', '/log-in/']) {
		await open(page, address);
		await expect(page.getByRole('button', { name: `${person.name}，点这里进入` })).toBeVisible();
		await sweep(page, `remembered at ${address}`);
	}
});
