import type { Page } from '@playwright/test';
import { courseOf, enroll, lessonPage, logInAsNewResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

const rules = 'rules 1 2 3 4 5 6 7 9 10 12 19';

const forVisitors = {
	home: '/',
	catalogue: '/courses/',
	'catalogue, nothing found': '/courses/?q=没有这样的课',
	'catalogue, filtered': '/courses/?q=地震&length=short',
	'credits of a visitor': '/credits/',
	'rewards of a visitor': '/rewards/',
	'recognition of a visitor': '/recognition/',
	settings: '/settings/',
	help: '/help/',
	'a statement to check': '/check/',
	'log-in': '/log-in/',
	'learner card': '/card/',
	'devices of a visitor': '/my/devices/',
	'PIN of a visitor': '/my/pin/',
	'questions of a visitor': '/my/questions/',
	'password forgotten': '/forgotten/',
	'a new password': '/reset/#a-token-of-nobody',
	'a link that is not complete': '/reset/',
	'registration, name': '/register/name/',
	'registration, birth date': '/register/birth-date/',
	'registration, contact': '/register/contact/',
	'registration, branch': '/register/branch/',
	'registration, groups': '/register/groups/',
	'registration, password': '/register/password/',
	'registration, consent': '/register/consent/',
	'registration, check': '/register/check/',
	'an address that is not there': '/no-such-page/',
};

for (const [name, address] of Object.entries(forVisitors)) {
	test(`${rules}: ${name}`, async ({ page }) => {
		await open(page, address);
		await sweep(page, name);
	});
}

test(`${rules}: course, for a visitor`, async ({ page, request }) => {
	const course = await courseOf(request, 'earthquake_drill');
	await open(page, `/course/?id=${course.id}`);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(course.title);
	await sweep(page, 'course');
});

test(`${rules} 8: log-in, refused`, async ({ page }) => {
	await open(page, '/log-in/');
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await sweep(page, 'log-in, refused');
});

test(`${rules} 8: registration, refused`, async ({ page }) => {
	await open(page, '/register/birth-date/');
	await page.getByRole('button', { name: '继续' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await sweep(page, 'birth date, refused');
});

test(`${rules}: registration, done`, async ({ page }) => {
	await page.addInitScript(() => sessionStorage.setItem('changqing.registered', '10000009'));
	await open(page, '/register/done/');
	await sweep(page, 'registration, done');
});

async function asLearner(page: Page) {
	const { token } = await logInAsNewResident(page);
	const course = await courseOf(page.request, 'elderly_learning');
	await enroll(page.request, token, course);
	return course;
}

test(`${rules}: home, credits and settings of a learner`, async ({ page }) => {
	await asLearner(page);
	await open(page, '/');
	await expect(page.getByRole('link', { name: '接着学' })).toBeVisible();
	await sweep(page, 'home of a learner');
	await open(page, '/credits/');
	await expect(page.getByText('还没有学分')).toBeVisible();
	await expect(page.getByRole('table')).toBeVisible();
	await sweep(page, 'credits of a learner');
});

test(`${rules} 17: course and lesson of a learner`, async ({ page }) => {
	const course = await asLearner(page);
	await open(page, `/course/?id=${course.id}`);
	await expect(page.getByRole('link', { name: '开始学' })).toBeVisible();
	await sweep(page, 'course of a learner');
	await open(page, lessonPage(course));
	await expect(page.locator('video')).toBeVisible();
	await sweep(page, 'lesson');
});
