import { article, publishedCourse } from '../support/authoring.ts';
import { enroll, logInAsNewResident, newName } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rule 6: from a finished course to its certificate, checked by a stranger', async ({
	page,
	browser,
}) => {
	const course = await publishedCourse(browser, { title: `结业${newName()}` }, [
		article('读一读', '好'),
	]);
	const person = await logInAsNewResident(page);
	await enroll(page.request, person.token, course);
	const headers = { Authorization: `Bearer ${person.token}` };
	const path = `/api/v1/lessons/${course.lessons[0]?.id}/reading`;
	await page.request.put(path, { headers, data: { finished: false } });
	await expect
		.poll(async () => {
			const data = { finished: true };
			return (await page.request.put(path, { headers, data })).status();
		})
		.toBe(200);

	await open(page, `/course/?id=${course.id}`);
	await page.getByRole('link', { name: '看我的证书' }).click();
	await expect(page.getByRole('heading', { level: 1, name: '我的证书' })).toBeVisible();
	// A worker issues it, a moment after the course was finished.
	const own = page.getByRole('link', { name: `《${course.title}》的证书` });
	await expect
		.poll(async () => {
			await page.reload();
			await settled(page);
			return own.isVisible();
		})
		.toBe(true);
	await sweep(page, 'certificates of one’s own');
	await own.click();
	await expect(page.getByRole('status').filter({ hasText: '这张证书是真的' })).toBeVisible();
	const address = page.url();

	const stranger = await browser.newPage();
	await open(stranger, address);
	await expect(stranger.getByText(person.name)).toBeVisible();
	await expect(stranger.getByText(course.title)).toBeVisible();
	const paper = await stranger.request.get(
		(await stranger.getByRole('link', { name: '打印证书（PDF）' }).getAttribute('href')) ?? '',
	);
	expect(paper.headers()['content-type']).toBe('application/pdf');
	await stranger.close();
	await sweep(page, 'a certificate that is checked');

	await page.getByLabel('证书编号').fill('0000-0000-0000-0000');
	await page.getByRole('button', { name: '查验' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await sweep(page, 'a certificate that is not there');
});
