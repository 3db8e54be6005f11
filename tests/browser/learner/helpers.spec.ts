import { readFileSync } from 'node:fs';
import type { APIResponse, Browser, Page } from '@playwright/test';
import { courseOf, enroll, logIn, logInAsNewResident, newResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

const rules = 'rules 1 2 3 4 5 6 7 9 10 12 19';

for (const address of ['/my/helpers/', '/my/helped/', '/my/person/', '/my/data/']) {
	test(`${rules}: ${address} of a visitor`, async ({ page }) => {
		await open(page, address);
		await expect(page.getByText('请先登录')).toBeVisible();
		await sweep(page, address);
	});
}

/** Somebody else, on a device of their own. */
async function elsewhere(browser: Browser, page: Page): Promise<Page> {
	const size = page.viewportSize();
	const context = await browser.newContext({
		baseURL: new URL(page.url()).origin,
		locale: 'zh-CN',
		timezoneId: 'Asia/Shanghai',
		serviceWorkers: 'block',
		...(size ? { viewport: size } : {}),
	});
	return context.newPage();
}

test('rules 8 15: a mother lets her son help, and ends it', async ({ page, browser }) => {
	const mother = await logInAsNewResident(page);
	await open(page, '/settings/');
	await page.getByRole('link', { name: '谁在帮我' }).click();
	await expect(page.getByText('现在没有人在帮您')).toBeVisible();
	await page.getByRole('button', { name: '开一个帮手码' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await page.getByRole('radio', { name: '3 个月' }).check();
	await page.getByRole('button', { name: '开一个帮手码' }).click();
	const code = (await page.getByText(/^\d{4} \d{4}$/).textContent()) ?? '';

	const sons = await elsewhere(browser, page);
	await logIn(sons, await newResident(sons.request));
	await open(sons, '/my/helped/');
	await sons.getByRole('button', { name: '开始帮忙' }).click();
	await expect(sons.getByRole('alert')).toBeFocused();
	await sons.getByLabel('对方的姓名').fill(mother.name);
	await sons.getByLabel('帮手码').fill('00000000');
	await sons.getByRole('button', { name: '开始帮忙' }).click();
	await expect(sons.getByRole('alert')).toContainText('姓名或帮手码不对');
	await expect(sons.getByLabel('对方的姓名')).toHaveValue(mother.name);
	await sons.getByLabel('帮手码').fill(code);
	await sons.getByRole('button', { name: '开始帮忙' }).click();
	await expect(sons.getByText(`您可以帮 ${mother.name} 了`)).toBeVisible();
	await sons.getByRole('link', { name: mother.name }).click();
	await expect(sons.getByRole('heading', { level: 1 })).toHaveText(mother.name);

	const course = await courseOf(page.request, 'elderly_learning');
	await sons.getByRole('searchbox').fill(course.title);
	await sons.getByRole('button', { name: '查找' }).click();
	await sons.getByRole('button', { name: `帮他报《${course.title}》` }).click();
	await expect(sons.getByText(`报好了：《${course.title}》`)).toBeVisible();
	await expect(sons.getByText(`学完 0 课，共 ${course.lessons.length} 课`)).toBeVisible();
	await sons.getByRole('checkbox', { name: '残障人士' }).check();
	await sons.getByRole('button', { name: '保存' }).click();
	await expect(sons.getByText('保存好了')).toBeVisible();

	await page.getByRole('button', { name: '看看对方填好没有' }).click();
	await expect(page.getByText(`帮您报名了《${course.title}》`)).toBeVisible();
	await page.getByRole('button', { name: '不用他帮了' }).first().click();
	await sweepDialog(page);
	await page.getByRole('dialog').getByRole('button', { name: '不用他帮了' }).click();
	await expect(page.getByText('已经不是您的帮手了')).toBeFocused();
	await expect(page.getByText('现在没有人在帮您')).toBeVisible();
	await sons.reload();
	await expect(sons.getByText('可能已经到期')).toBeVisible();
	await sons.context().close();
});

async function body<T>(response: APIResponse): Promise<T> {
	expect(response.ok(), `${response.url()}: ${await response.text()}`).toBe(true);
	return (await response.json()) as T;
}

/** A mother and her son, who helps her and has enrolled her, without the pages. */
async function helping(page: Page) {
	const [mother, son] = [await newResident(page.request), await newResident(page.request)];
	const authorized = async ({ login, password }: typeof mother) => {
		const data = { login, password };
		const session = await page.request.post('/api/v1/session', { data });
		const { access_token } = await body<{ access_token: string }>(session);
		return { Authorization: `Bearer ${access_token}` };
	};
	const [hers, his] = [await authorized(mother), await authorized(son)];
	const invitation = await page.request.post('/api/v1/me/helper-invitation', {
		headers: hers,
		data: { months: 3 },
	});
	const { code } = await body<{ code: string }>(invitation);
	const accepted = await page.request.post('/api/v1/me/helped', {
		headers: his,
		data: { name: mother.name, code },
	});
	const { id } = await body<{ id: string }>(accepted);
	const course = await courseOf(page.request, 'elderly_learning');
	const enrollment = `/api/v1/me/helped/${id}/courses/${course.id}/enrollment`;
	await body(await page.request.put(enrollment, { headers: his }));
	return { mother, son, id, course };
}

test(`${rules}: helpers of a resident`, async ({ page }) => {
	test.slow();
	const { mother, son } = await helping(page);
	await logIn(page, mother);
	await open(page, '/my/helpers/');
	await expect(page.getByRole('heading', { name: son.name })).toBeVisible();
	await page.getByRole('radio', { name: '一年' }).check();
	await page.getByRole('button', { name: '开一个帮手码' }).click();
	await expect(page.getByText(/^\d{4} \d{4}$/)).toBeVisible();
	await sweep(page, 'helpers, with a code');
});

test(`${rules}: a person one helps`, async ({ page }) => {
	test.slow();
	const { son, id, course } = await helping(page);
	await logIn(page, son);
	await open(page, `/my/person/?id=${id}`);
	await expect(page.getByText(`学完 0 课，共 ${course.lessons.length} 课`)).toBeVisible();
	await sweep(page, 'a person one helps');
});

test('an address that names nobody and no lesson says so', async ({ page }) => {
	await logInAsNewResident(page);
	await open(page, '/my/person/');
	await expect(page.getByText('可能已经到期')).toBeVisible();
	await open(page, '/lesson/');
	await expect(page.getByText('没有找到您要的内容。')).toBeVisible();
});

test(`${rules} 8: people one helps, refused`, async ({ page }) => {
	await logInAsNewResident(page);
	await open(page, '/my/helped/');
	await page.getByLabel('对方的姓名').fill('王小明');
	await page.getByLabel('帮手码').fill('00000000');
	await page.getByRole('button', { name: '开始帮忙' }).click();
	await expect(page.getByRole('alert')).toContainText('姓名或帮手码不对');
	await sweep(page, 'people one helps, refused');
});

/** Rule 15: a way out that is large enough, and Esc. */
async function sweepDialog(page: Page): Promise<void> {
	const dialog = page.getByRole('dialog');
	const close = dialog.getByRole('button', { name: '关闭' });
	expect((await close.boundingBox())?.height).toBeGreaterThanOrEqual(48);
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await page.getByRole('button', { name: '不用他帮了' }).first().click();
	await expect(dialog).toBeVisible();
}

test(`${rules}: consents are given and withdrawn, and everything is taken away`, async ({
	page,
}) => {
	test.slow();
	const person = await logInAsNewResident(page);
	await enroll(page.request, person.token, await courseOf(page.request, 'elderly_learning'));
	await open(page, '/my/data/');
	await page.getByRole('button', { name: '同意“活动照片”', exact: true }).click();
	await expect(page.getByText('已同意：活动照片')).toBeVisible();
	await page.getByRole('button', { name: '不同意“活动照片”了' }).click();
	await expect(page.getByText('已撤回：活动照片')).toBeVisible();
	await expect(page.getByText('以前的记录')).toBeVisible();
	await expect(page.getByText('登记学员必需，不能单独撤回')).toBeVisible();
	await page.getByRole('button', { name: '看全部信息' }).click();
	await expect(page.getByText('整理好了')).toBeVisible();
	await expect(page.getByText(person.login, { exact: true })).toBeVisible();
	await sweep(page, 'my data');
	const saving = page.waitForEvent('download');
	await page.getByRole('button', { name: '存成文件' }).click();
	const file = await saving;
	expect(file.suggestedFilename()).toBe(`changqing-${person.learnerNumber}.json`);
	const saved = JSON.parse(readFileSync(await file.path(), 'utf8')) as {
		person: { name: string; phone: string };
		consents: unknown[];
	};
	expect(saved.person).toMatchObject({ name: person.name, phone: person.login });
	expect(saved.consents).toHaveLength(2);
});
