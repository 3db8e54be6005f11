import { holdRenewal } from '../support/renewal.ts';
import { courseOf, enroll, logInAsNewResident } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { expect, test } from '../support/test.ts';

test('a course is found by pinyin, by what is said in it, and by its length', async ({ page }) => {
	await open(page, '/courses/');
	const titles = page.getByRole('main').getByRole('heading', { level: 3 });
	const search = async (words: string) => {
		await page.getByRole('searchbox').fill(words);
		await page.getByRole('searchbox').press('Enter');
	};

	await search('dizhen');
	await expect(titles).toHaveText(['地震演练：学会保护自己']);
	await expect(page.getByRole('main')).not.toContainText('课里讲到');

	await search('套路');
	await expect(titles).toHaveText(['安全上网：识破骗局']);
	await expect(page.getByText('课里讲到“套路”')).toBeVisible();

	// What was found stands before the topics, which are among what it can be narrowed by.
	const topic = page.getByRole('button', { name: '健康生活' });
	await expect(topic).toBeHidden();
	await page.getByText('按类别、学校、长短再挑挑').click();
	await expect(topic).toBeVisible();
	await page.getByLabel('多长').selectOption('一小时以上');
	await expect(page.getByRole('region', { name: '找到 0 门课' })).toBeVisible();
	// The address names all that was chosen: whoever is sent it sees the same.
	await page.reload();
	await expect(page.getByLabel('多长')).toHaveValue('long');
	await expect(page.getByRole('searchbox')).toHaveValue('套路');
	await page.getByRole('button', { name: '看全部课程' }).click();
	// Other tests publish some meanwhile: which stand on the first page is not known.
	await expect(page.getByRole('region', { name: /找到 ([3-9]|\d\d+) 门/ })).toBeVisible();
	await expect(page).toHaveURL(/\/courses\/$/);
	await expect(page.getByRole('searchbox')).toHaveValue('');
	await expect(page.getByLabel('多长')).toHaveValue('');
});

test('going back to where nothing was looked for empties the box', async ({ page }) => {
	await open(page, '/courses/');
	const box = page.getByRole('searchbox');
	await box.fill('dizhen');
	await box.press('Enter');
	await expect(page).toHaveURL(/q=dizhen/);
	await page.goBack();
	await expect(page).toHaveURL(/\/courses\/$/);
	await expect(box).toHaveValue('');
	await page.goForward();
	await expect(box).toHaveValue('dizhen');
});

test('from one course to another nothing of the first stays at the address of the second', async ({
	page,
}) => {
	const first = await courseOf(page.request, 'earthquake_drill');
	const second = await courseOf(page.request, 'elderly_learning');
	await page.route(`**/api/v1/courses/${first.id}`, async (route) => {
		const response = await route.fetch();
		const { id, title } = second;
		await route.fulfill({ response, json: { ...first, prerequisites: [{ id, title }] } });
	});
	let release = (): void => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	await page.route(`**/api/v1/courses/${second.id}`, async (route) => {
		await released;
		await route.continue();
	});
	await open(page, `/course/?id=${first.id}`);
	const heading = page.getByRole('heading', { level: 1 });
	await expect(heading).toHaveText(first.title);
	await page.getByRole('link', { name: second.title }).click();
	await expect(page).toHaveURL(new RegExp(second.id));
	await expect(heading).toHaveText('课程');
	await expect(page.getByRole('main').getByText(first.title)).toHaveCount(0);
	release();
	await expect(heading).toHaveText(second.title);
});

test('who has joined a course is never asked to join or to log in while that is being found out', async ({
	page,
}) => {
	const { token } = await logInAsNewResident(page);
	const course = await courseOf(page.request, 'earthquake_drill');
	await enroll(page.request, token, course);
	let release = (): void => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	await page.route(`**/api/v1/me/courses/${course.id}`, async (route) => {
		await released;
		await route.continue();
	});
	const renew = await holdRenewal(page, (route) => route.continue());
	await page.goto(`/course/?id=${course.id}`);
	const actions = page.locator('main .actions').locator('a, button').first();
	await expect(actions).toHaveText('正在打开，请稍等……');
	const asked = page.waitForRequest(`**/api/v1/me/courses/${course.id}`);
	await renew();
	await asked;
	await expect(actions).toHaveText('正在打开，请稍等……');
	release();
	await expect(actions).toHaveText('开始学');
	await expect(actions).toHaveAttribute('href', /\/lesson\//);
});
