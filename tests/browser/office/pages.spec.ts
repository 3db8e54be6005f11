import { expectNoAxeFindings } from '../support/axe.ts';
import { holdRenewal, loggedOut, runOut } from '../support/renewal.ts';
import { admin, courseOf, giveCode, logIn, staffOf, type Person } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';
import { article, coursePage, makeCourse, quiz } from './courses.ts';

const rules = 'rules 1 2 3 4 5 6 7 9 10 12 19';

/**
 * Each page with who looks at it: one account may log in ten times a minute. Never YX, whose codes
 * come from another phone once second-factor.spec.ts has set it up.
 */
const pages: Record<string, { address: string; who: () => Person }> = {
	'home of a branch': { address: '/office/', who: () => staffOf('WT') },
	'home of the admin': { address: '/office/', who: admin },
	rosters: { address: '/office/rosters/', who: () => staffOf('CQ') },
	'rosters of the centre': { address: '/office/rosters/', who: () => staffOf('CQJD') },
	ranking: { address: '/office/ranking/', who: () => staffOf('HP') },
	'two schools compared': { address: '/office/compare/', who: () => staffOf('FR') },
	'whole street': { address: '/office/street/', who: admin },
	'year and dossier': { address: '/office/year/', who: admin },
	targets: { address: '/office/targets/', who: admin },
	'who has not learned': { address: '/office/unreached/', who: () => staffOf('FR') },
	'large screen': { address: '/office/wall/', who: () => staffOf('FR') },
	courses: { address: '/office/courses/', who: admin },
	'new course': { address: '/office/courses/new/', who: () => staffOf('DH') },
	'the desk': { address: '/office/desk/', who: () => staffOf('CQ') },
	people: { address: '/office/people/', who: () => staffOf('CQJD') },
	certificates: { address: '/office/certificates/', who: () => staffOf('CQJD') },
	duplicates: { address: '/office/duplicates/', who: () => staffOf('CQJD') },
	questions: { address: '/office/questions/', who: () => staffOf('DH') },
	venues: { address: '/office/venues/', who: () => staffOf('WJ') },
	awards: { address: '/office/awards/', who: admin },
	'credit rules': { address: '/office/rules/', who: admin },
	rewards: { address: '/office/rewards/', who: admin },
	'rewards of a branch': { address: '/office/rewards/', who: () => staffOf('HP') },
	recognition: { address: '/office/recognition/', who: () => staffOf('CQJD') },
	honours: { address: '/office/honours/', who: admin },
	anomalies: { address: '/office/anomalies/', who: admin },
	mail: { address: '/office/mail/', who: admin },
	accounts: { address: '/office/accounts/', who: admin },
	storage: { address: '/office/storage/', who: admin },
	ledger: { address: '/office/ledger/', who: admin },
	audit: { address: '/office/audit/', who: admin },
	account: { address: '/office/account/', who: () => staffOf('HP') },
	'a page for others': { address: '/office/awards/', who: () => staffOf('WJ') },
};

for (const [name, { address, who }] of Object.entries(pages)) {
	test(`${rules}: office, ${name}`, async ({ page }) => {
		await logIn(page, who());
		await open(page, address);
		await expect(page.getByRole('button', { name: '退出登录' })).toBeVisible();
		await sweep(page, name);
	});
}

test(`${rules}: office, a password by code`, async ({ page }) => {
	await open(page, '/office/first-log-in/');
	await sweep(page, 'a password by code, office');
});

test(`${rules}: office, password forgotten`, async ({ page }) => {
	await open(page, '/office/forgotten/');
	await sweep(page, 'password forgotten, office');
	await open(page, '/office/reset/#a-token-of-nobody');
	await sweep(page, 'a new password, office');
});

test(`${rules}: office, log-in`, async ({ page }) => {
	await open(page, '/office/log-in/');
	await sweep(page, 'log-in of staff');
});

test(`${rules}: office, a course`, async ({ page }) => {
	const course = await courseOf(page.request, 'earthquake_drill');
	await logIn(page, admin());
	await open(page, `/office/courses/course/?id=${course.id}`);
	await expect(page.getByText(course.title).first()).toBeVisible();
	await sweep(page, 'course in the office');
});

test(`${rules}: office, a course that is written`, async ({ page }) => {
	const course = await makeCourse(page.request, await logIn(page, staffOf('SY')));
	await course.post('/lessons', quiz('考一考'));
	await course.post('/lessons', article('备好花盆'));
	await open(page, coursePage(course.id));
	await expect(page.getByRole('button', { name: '下移 “考一考”' })).toBeVisible();
	await sweep(page, 'a course that is written');
	await page.getByRole('button', { name: '修改 “考一考”' }).click();
	await page.getByLabel('文章', { exact: true }).check();
	await page.getByRole('button', { name: '修改课程信息' }).click();
	await page.getByText('先修课程（可以不选）').click();
	await expect(page.getByLabel('智能手机入门')).toBeVisible();
	await sweep(page, 'a course with its forms open');
});

test(`${rules}: office, the next version of a course`, async ({ page }) => {
	const course = await makeCourse(page.request, await logIn(page, admin()));
	await course.post('/lessons', quiz('考一考'));
	for (const step of ['/submission', '/approval', '/publication']) await course.post(step);
	await open(page, coursePage(course.id));
	await expect(page.getByRole('button', { name: '修改这门课程' })).toBeVisible();
	await sweep(page, 'a course before its next version');
	await course.post('/lessons', article('备好花盆'));
	await open(page, coursePage(course.id));
	await expect(page.getByRole('button', { name: '放弃这次修改' })).toBeVisible();
	await sweep(page, 'the next version of a course');
	// Others count the courses that are offered: none is left behind.
	await page.getByRole('button', { name: '放弃这次修改' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '放弃这次修改' }).click();
	await expect(page.getByText('已放弃修改，课程还是第 1 版。')).toBeVisible();
	await course.post('/archival');
});

test('rule 16: the office warns before it logs out, and keeps what was typed', async ({ page }) => {
	await page.clock.install();
	await logIn(page, staffOf('SY'));
	await open(page, '/office/courses/new/');
	await page.getByLabel('课程名称').fill('八段锦入门');
	await page.clock.fastForward('28:30');
	await expect(page.getByText(/\d+ 秒后会自动退出/)).toBeVisible();
	await page.getByRole('button', { name: '继续使用' }).click();
	await expect(page.getByText(/秒后会自动退出/)).toBeHidden();
	await page.clock.fastForward('28:30');
	await runOut(page, '02:00');
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await expect(page.getByLabel('课程名称')).toHaveValue('八段锦入门');
});

test('rules 4 15 16: one logs in again beside the page of the office, and for somebody else it is a new one', async ({
	page,
}) => {
	await page.clock.install();
	const [person, other] = [staffOf('TY'), staffOf('ST')];
	await logIn(page, person);
	await open(page, '/office/courses/new/');
	const name = page.getByLabel('课程名称');
	const dialog = page.getByRole('dialog', { name: '重新登录' });
	const endAndAsk = async () => {
		await page.clock.fastForward('28:30');
		await runOut(page, '02:00');
		await page.getByRole('status').getByRole('button', { name: '重新登录' }).click();
		await expect(dialog).toBeVisible();
	};
	const enter = async (who: Person) => {
		await dialog.getByLabel('邮箱或手机号').fill(who.login);
		await dialog.getByLabel('密码', { exact: true }).fill(who.password);
		await dialog.getByRole('button', { name: '登录', exact: true }).click();
		await giveCode(page, who);
	};
	await name.fill('八段锦入门');
	await endAndAsk();
	await expectNoAxeFindings(page, 'logging in again, office');
	await dialog.getByRole('button', { name: '登录', exact: true }).click();
	await expect(dialog.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await enter(person);
	await expect(dialog).toBeHidden();
	await expect(page).not.toHaveTitle(/^错误：/);
	await expect(page.getByText('已经帮您退出登录')).toBeHidden();
	await expect(name).toHaveValue('八段锦入门');
	await endAndAsk();
	await enter(other);
	await expect(dialog).toHaveCount(0);
	await expect(page.getByText(other.name).first()).toBeVisible();
	await expect(name).toHaveValue('');
	// The session that was begun as one person's must not be gone on with as another's.
	const left = loggedOut(page);
	await page.getByRole('button', { name: '退出登录' }).click();
	await left;
});

test('rule 16: a renewal refused only after the office has logged out takes nothing away', async ({
	page,
}) => {
	await page.clock.install();
	await logIn(page, staffOf('TY'));
	await open(page, '/office/courses/new/');
	await page.getByLabel('课程名称').fill('八段锦入门');
	const release = await holdRenewal(page, (route) => route.fulfill({ status: 401, json: {} }));
	await page.clock.fastForward('28:30');
	await page.getByRole('button', { name: '继续使用' }).click();
	await runOut(page, '30:30');
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await release();
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await expect(page.getByLabel('课程名称')).toHaveValue('八段锦入门');
});
