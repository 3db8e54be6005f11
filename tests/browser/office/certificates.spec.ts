import type { Page } from '@playwright/test';
import { article, publishedCourse } from '../support/authoring.ts';
import { admin, enroll, logIn, logInAsNewResident, newName, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { expect, test } from '../support/test.ts';
import { coursePage } from './courses.ts';

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

test('an admin finds a certificate and revokes it, and whoever checks it is told', async ({
	page,
	browser,
}) => {
	const course = await publishedCourse(browser, { title: `作废${newName()}` }, [
		article('读一读', '好'),
	]);
	const learner = await browser.newPage();
	const person = await logInAsNewResident(learner);
	await enroll(learner.request, person.token, course);
	const headers = { Authorization: `Bearer ${person.token}` };
	const path = `/api/v1/lessons/${course.lessons[0]?.id}/reading`;
	await learner.request.put(path, { headers, data: { finished: false } });
	const finish = async () =>
		(await learner.request.put(path, { headers, data: { finished: true } })).status();
	await expect.poll(finish).toBe(200);
	// A worker issues it, a moment after the course was finished.
	const codes = async (): Promise<string[]> => {
		const own = await learner.request.get('/api/v1/me/certificates', { headers });
		const { items } = (await own.json()) as { items: { code: string }[] };
		return items.map((item) => item.code);
	};
	await expect.poll(codes).toHaveLength(1);
	const [code = ''] = await codes();

	await logIn(page, admin());
	await open(page, coursePage(course.id));
	await page.getByRole('link', { name: '查看这门课发出的证书' }).click();
	await expect(row(page, person.name)).toContainText(code);
	await sweep(page, 'the certificates of a course');

	await page.getByLabel('证书编号').fill('12');
	await page.getByRole('button', { name: '查找' }).click();
	await expect(page.getByLabel('证书编号')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await page.getByLabel('证书编号').fill(code.toLowerCase());
	await page.getByRole('button', { name: '查找' }).click();
	await row(page, person.name).getByRole('button', { name: /^作废/ }).click();

	const dialog = page.getByRole('dialog');
	const revoke = dialog.getByRole('button', { name: '作废证书' });
	await revoke.click();
	await expect(dialog.getByLabel('为什么作废')).toBeFocused();
	await dialog.getByLabel('为什么作废').fill('替别人学的');
	await dialog.getByLabel('请再输入一遍学员姓名').fill('别人');
	await revoke.click();
	await expect(dialog.getByLabel('请再输入一遍学员姓名')).toBeFocused();
	await dialog.getByLabel('请再输入一遍学员姓名').fill(person.name);
	await revoke.click();
	await expect(dialog).toBeHidden();
	await expect(page.locator('.done')).toContainText('已经作废');
	await expect(row(page, person.name)).toContainText('替别人学的');

	await row(page, person.name).getByRole('link', { name: person.name }).click();
	await expect(row(page, course.title)).toContainText('已作废');
	await row(page, course.title)
		.getByRole('link', { name: `查验证书 ${code}` })
		.click();
	await expect(page.getByText('这张证书已经作废。')).toBeVisible();
	await expect(page.getByText('替别人学的')).toBeVisible();

	// Those of other branches' residents are nobody else's business.
	await logIn(learner, staffOf('WJ'));
	await open(learner, `/office/certificates/?course=${course.id}`);
	await expect(learner.getByText('没有查到证书。')).toBeVisible();
	await learner.close();
});
