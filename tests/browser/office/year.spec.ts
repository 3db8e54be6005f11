import { logIn, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rules 1 2 3 4 5 6 13 15: a branch has the dossier of its year put together and takes it away', async ({
	page,
	phone,
}) => {
	await logIn(page, staffOf(phone ? 'WT' : 'HP'));
	await open(page, '/office/year/');
	await expect(page.getByText(/新登记学员 \d+ 人/)).toBeVisible();
	const make = page.getByRole('button', { name: /^(重新)?生成台账$/ });
	await expect(make).toBeVisible();
	// One that was made before may stand there already.
	const ready = page.getByRole('button', { name: '下载台账' });
	const before = await ready.count();
	// Answers that take longer than the pause between two questions are waited for.
	const slow = /\/dossiers$/;
	await page.route(slow, async (route) => {
		if (route.request().method() === 'GET') await page.waitForTimeout(2500);
		await route.continue();
	});
	await make.click();
	await expect(ready).toHaveCount(before + 1, { timeout: 120_000 });
	await expect(make).toBeVisible();
	await page.unroute(slow);
	const take = ready.first();
	await sweep(page, 'the dossier of a year');
	const download = page.waitForEvent('download');
	await take.click();
	expect((await download).suggestedFilename()).toMatch(/^\d{4}-.+-台账\.zip$/);

	const english = page.getByRole('banner').getByRole('button', { name: 'English' });
	await english.click();
	await expect(page.getByText(/registered \d+ new residents/)).toBeVisible();
	await expect(page.getByRole('rowheader', { name: /^New registrations/ })).toBeVisible();
	await page.getByRole('banner').getByRole('button', { name: '中文' }).click();

	// Another school's year is open to all staff, its dossier to its own alone.
	await page.getByLabel('哪所学校').selectOption({ label: '全街道' });
	await expect(page.getByText('台账里有学员姓名，只能下载自己学校的。')).toBeVisible();
	await expect(page.getByRole('group', { name: '各学校比一比' })).toBeVisible();
});
