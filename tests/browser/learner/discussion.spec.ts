import { articlePage, asAdmin, askAs, finishReading, shortCourse } from '../support/discussion.ts';
import { tabTo } from '../support/keyboard.ts';
import { enroll, logInAsNewResident, newName } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('a question is asked under a lesson and its answer stands below it', async ({
	page,
	browser,
}) => {
	const course = await shortCourse(browser);
	const { token } = await logInAsNewResident(page);
	await enroll(page.request, token, course);
	await open(page, articlePage(course));
	await page.getByText('提问与解答').click();
	await expect(page.getByText('这一课还没有人提问，您来问第一个。')).toBeVisible();
	await page.getByRole('button', { name: '提问', exact: true }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	const field = page.getByLabel('您想问什么？');
	await expect(field).toHaveAttribute('aria-invalid', 'true');
	await expect(field).toHaveAccessibleDescription(/请先写下您的问题/);
	await sweep(page, 'a question, refused');

	// What is too long is kept, and the server says what is wrong with it.
	await field.fill('长'.repeat(501));
	await page.getByRole('button', { name: '提问', exact: true }).click();
	await expect(field).toHaveAccessibleDescription(/太长了/);
	await expect(field).toHaveValue('长'.repeat(501));
	const text = '字太小了怎么办？<img src=x onerror=alert(1)>';
	await field.fill(text);
	await page.getByRole('button', { name: '提问', exact: true }).click();
	await expect(page.getByText('问题提交好了。')).toBeFocused();
	await expect(page).not.toHaveTitle(/^错误：/);
	const own = page.getByRole('listitem', { name: '我的问题' });
	await expect(own).toContainText(text);
	await expect(own).toContainText('还没有回答');
	await expect(field).toHaveValue('');

	const mine = await page.request.get('/api/v1/me/questions', {
		headers: { Authorization: `Bearer ${token}` },
	});
	const { items } = (await mine.json()) as { items: { id: string }[] };
	const answer = { text: '打开“设置”，点“显示”。\n再拉大字体。', version: 0 };
	await asAdmin(browser, 'PUT', `/lesson-questions/${items[0]?.id}/answer`, answer);
	await page.reload();
	await page.getByText('提问与解答').click();
	await expect(own).toContainText('再拉大字体。');
	await expect(own.getByRole('button', { name: /收回/ })).toBeHidden();
	await sweep(page, 'a question, answered');
	await open(page, '/my/questions/');
	await expect(page.getByText('再拉大字体。')).toBeVisible();
	await sweep(page, 'questions of one’s own');
	await page.getByRole('link', { name: '打开这一课：放大字体' }).click();
	await expect(page.getByRole('heading', { level: 1, name: '放大字体' })).toBeVisible();
});

test('what others ask is read under a surname, reported, and gone; one’s own is taken back', async ({
	page,
	browser,
}) => {
	const course = await shortCourse(browser);
	const name = `欧阳${newName().slice(1)}`;
	const pinned = await askAs(browser, course, name, '怎么放大字体？');
	await askAs(browser, course, `李${newName().slice(1)}`, '买保健品找我');
	await asAdmin(browser, 'PUT', `/lesson-questions/${pinned}/pin`, {});
	const { token } = await logInAsNewResident(page);
	await enroll(page.request, token, course);
	await open(page, articlePage(course));
	await page.getByText('提问与解答').click();
	const questions = page.getByRole('listitem').filter({ has: page.locator('time') });
	await expect(questions).toHaveCount(2);
	await expect(questions.first()).toContainText('欧阳学员');
	await expect(questions.first()).toContainText('置顶');
	await expect(page.getByText(name)).toHaveCount(0);

	const rude = page.getByRole('listitem', { name: '李学员的问题' });
	await rude.getByRole('button', { name: /举报/ }).click();
	await rude.getByRole('button', { name: '提交举报' }).click();
	await expect(rude.getByRole('radio').first()).toBeFocused();
	await expect(rude.getByText('请选一个原因').first()).toBeVisible();
	await sweep(page, 'a question being reported');
	await rude.getByRole('radio', { name: '广告，或者像骗人的' }).check();
	await rude.getByRole('button', { name: '提交举报' }).click();
	await expect(page.getByText('谢谢您，工作人员会尽快看。')).toBeFocused();
	await expect(rude).toHaveCount(0);

	await page.getByLabel('您想问什么？').fill('问错了');
	await page.getByRole('button', { name: '提问', exact: true }).click();
	const own = page.getByRole('listitem', { name: '我的问题' });
	await own.getByRole('button', { name: /收回/ }).click();
	await own.getByRole('button', { name: '收回', exact: true }).click();
	await expect(page.getByText('已经收回了。')).toBeFocused();
	await expect(own).toHaveCount(0);
});

test('what stands below a lesson comes with it, so that nothing moves away from a finger', async ({
	page,
	browser,
}) => {
	const course = await shortCourse(browser);
	const { token } = await logInAsNewResident(page);
	await enroll(page.request, token, course);
	let release = (): void => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	await page.route('**/api/v1/lessons/*/article', async (route) => {
		await released;
		await route.continue();
	});
	const known = page.waitForResponse('**/api/v1/me/courses/*');
	const asked = page.waitForRequest('**/api/v1/lessons/*/article');
	await page.goto(articlePage(course));
	await (await known).finished();
	await asked;
	const questions = page.getByRole('button', { name: '提问与解答' });
	await expect(questions).toHaveCount(0);
	release();
	await expect(page.getByRole('article')).toBeVisible();
	await expect(questions).toBeVisible();
});

test('rule 6: asking by keyboard alone', async ({ page, browser }) => {
	const course = await shortCourse(browser);
	const { token } = await logInAsNewResident(page);
	await enroll(page.request, token, course);
	await open(page, articlePage(course));
	const { keyboard } = page;
	await tabTo(page, page.getByRole('button', { name: '提问与解答' }));
	await keyboard.press('Enter');
	await expect(page.getByLabel('您想问什么？')).toBeVisible();
	await tabTo(page, page.getByLabel('您想问什么？'));
	await keyboard.type('怎么放大？');
	await tabTo(page, page.getByRole('button', { name: '提问', exact: true }));
	await keyboard.press('Enter');
	await expect(page.getByText('问题提交好了。')).toBeFocused();
});

test('a course that is finished is rated with one tap, which can be changed', async ({
	page,
	browser,
}) => {
	const course = await shortCourse(browser);
	const { token } = await logInAsNewResident(page);
	await enroll(page.request, token, course);
	await open(page, `/course/?id=${course.id}`);
	await settled(page);
	await expect(page.getByText('这门课您有收获吗？')).toHaveCount(0);
	await open(page, articlePage(course));
	await finishReading(page);
	await open(page, `/course/?id=${course.id}`);
	const faces = page.getByRole('group', { name: '这门课您有收获吗？' });
	await faces.getByRole('button', { name: '一般' }).click();
	await expect(page.getByText('记下了，谢谢您。')).toBeVisible();
	await faces.getByRole('button', { name: '有收获', exact: true }).click();
	const chosen = faces.getByRole('button', { pressed: true });
	await expect(chosen).toHaveText(/有收获/);
	await expect(chosen).toHaveCount(1);
	await sweep(page, 'a course that is rated');
	await page.reload();
	await expect(chosen).toHaveText(/有收获/);
});
