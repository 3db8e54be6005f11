import type { Locator, Page } from '@playwright/test';
import { asAdmin, askAs, shortCourse, withToken } from '../support/discussion.ts';
import { menu } from '../support/menu.ts';
import { runOut } from '../support/renewal.ts';
import { enroll, logIn, newName, newResident, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/** The course belongs to the street centre: its staff look after what is asked. */
const centre = () => staffOf('CQJD');
const done = (page: Page) => page.locator('.done');
const card = (page: Page, text: string): Locator =>
	page.getByRole('article').filter({ hasText: text });

test('staff answer a question, change the answer, and pin it', async ({ page, browser }) => {
	const course = await shortCourse(browser);
	const name = `欧阳${newName().slice(1)}`;
	const text = `怎么放大字体？${newName()}`;
	await askAs(browser, course, name, text);
	await logIn(page, centre());
	await open(page, '/office/');
	await page.getByRole('link', { name: /^回答学员的提问（\d+）$/ }).click();
	await expect(page).toHaveURL(/\/office\/questions\/$/);
	await expect((await menu(page)).getByText(/^提问（\d+）$/)).toBeVisible();
	const one = card(page, text);
	await expect(one).toContainText(new RegExp(`${name}，(今|昨)天提的`));
	await expect(one.getByRole('link', { name: `《${course.title}》放大字体` })).toBeVisible();
	await one.getByRole('button', { name: '提交回答' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(one.getByLabel('回答', { exact: true })).toHaveAccessibleDescription(/请先写下回答/);
	await sweep(page, 'questions, an answer refused');
	await one.getByLabel('回答', { exact: true }).fill('打开“设置”。<b>再拉大</b>');
	// What is being written outlasts another language.
	const language = (name: string) => page.getByRole('banner').getByRole('button', { name });
	await language('English').click();
	await expect(one.getByLabel('Answer', { exact: true })).toHaveValue('打开“设置”。<b>再拉大</b>');
	await language('中文').click();
	await one.getByRole('button', { name: '提交回答' }).click();
	await expect(done(page)).toBeFocused();
	await expect(page).not.toHaveTitle(/^错误：/);
	await expect(one).toContainText('打开“设置”。<b>再拉大</b>');
	await one.getByRole('button', { name: /^置顶/ }).click();
	await expect(done(page)).toHaveText('已经置顶。');
	await one.getByRole('button', { name: /^修改回答/ }).click();
	await expect(one.getByLabel('回答', { exact: true })).toBeFocused();
	await one.getByLabel('回答', { exact: true }).fill('打开“设置”，点“显示”。');
	await one.getByRole('button', { name: '提交回答' }).click();
	await expect(one).toContainText(/改过/);
	await sweep(page, 'questions, answered');
});

test('of two who answer at once the second is shown what the first has written', async ({
	page,
	browser,
}) => {
	const course = await shortCourse(browser);
	const text = `怎么放大字体？${newName()}`;
	const question = await askAs(browser, course, newName(), text);
	await logIn(page, centre());
	await open(page, '/office/questions/');
	const one = card(page, text);
	await one.getByLabel('回答', { exact: true }).fill('我的回答');
	const theirs = { text: '别人先写的回答', version: 0 };
	await asAdmin(browser, 'PUT', `/lesson-questions/${question}/answer`, theirs);
	await one.getByRole('button', { name: '提交回答' }).click();
	await expect(page.getByRole('alert')).toContainText('刚才有人写过或改过这个回答');
	await expect(one).toContainText('别人先写的回答');
	await expect(one.getByLabel('回答', { exact: true })).toHaveValue('我的回答');
	await one.getByRole('button', { name: '提交回答' }).click();
	await expect(one).not.toContainText('别人先写的回答');
});

test('a reported question is looked at, hidden for a reason, and shown again', async ({
	page,
	browser,
}) => {
	const course = await shortCourse(browser);
	const text = `买保健品找我${newName()}`;
	const question = await askAs(browser, course, newName(), text);
	const reporter = await browser.newPage();
	const token = await logIn(reporter, await newResident(reporter.request));
	await enroll(reporter.request, token, course);
	const report = { reason: 'advertising' };
	await withToken(reporter.request, token)('POST', `/lesson-questions/${question}/reports`, report);
	await reporter.close();
	await logIn(page, centre());
	await open(page, '/office/questions/');
	await page.getByRole('button', { name: /^被举报/ }).click();
	const one = card(page, text);
	await expect(one).toContainText('举报原因：广告，或像诈骗 1 人');
	await sweep(page, 'questions, reported');
	await one.getByRole('button', { name: /^隐藏/ }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: '隐藏', exact: true }).click();
	await expect(dialog.getByText('请选一个原因')).toBeVisible();
	await dialog.getByRole('radio', { name: '广告，或像诈骗' }).check();
	await dialog.getByRole('button', { name: '隐藏', exact: true }).click();
	await expect(done(page)).toHaveText('已经隐藏。');
	await expect(one).toContainText('已隐藏：广告，或像诈骗');
	await one.getByRole('button', { name: '恢复显示' }).click();
	await expect(done(page)).toHaveText('学员现在看得到这个问题。');
	await page.getByRole('button', { name: '全部' }).click();
	await expect(one).toBeVisible();
});

test('rule 16: an answer that is being written outlasts the session', async ({ page, browser }) => {
	const course = await shortCourse(browser);
	const text = `怎么放大字体？${newName()}`;
	await askAs(browser, course, newName(), text);
	await page.clock.install();
	await logIn(page, centre());
	await open(page, '/office/questions/');
	const written = card(page, text).getByLabel('回答', { exact: true });
	await written.fill('打开“设置”');
	await page.clock.fastForward('28:30');
	await runOut(page, '02:00');
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await expect(written).toHaveValue('打开“设置”');
});
