import { admin, logIn } from '../support/site.ts';
import { open, settled } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('who has not learned at one school never stands under another', async ({ page }) => {
	await logIn(page, admin());
	await open(page, '/office/unreached/');
	const list = page.getByRole('group', { name: '还没学过的学员' });
	const school = page.getByLabel('学校');
	const names = await school.getByRole('option').allTextContents();
	for (const label of names) {
		await school.selectOption({ label });
		await settled(page);
		if ((await list.count()) > 0) break;
	}
	await expect(list).toBeVisible();
	await page.route(/\/unreached/, (route) => route.abort());
	await page.getByRole('button', { name: '上个月' }).click();
	const again = page.getByRole('alert').getByRole('button', { name: '再试一次' });
	await expect(again).toBeVisible();
	await expect(list).toHaveCount(0);
	await page.unroute(/\/unreached/);
	await again.click();
	await expect(again).toHaveCount(0);
	await settled(page);
});

test('the composite ranking of one month never stands under another', async ({ page }) => {
	await logIn(page, admin());
	await open(page, '/office/street/');
	const table = page.getByRole('group', { name: '综合排名' });
	await expect(table).toBeVisible();
	await page.route(/\/composite-ranking$/, (route) => route.abort());
	await page.getByRole('button', { name: '上个月' }).click();
	const again = page.getByRole('alert').getByRole('button', { name: '再试一次' });
	await expect(again).toBeVisible();
	await expect(table).toHaveCount(0);
	await page.unroute(/\/composite-ranking$/);
	await again.click();
	await expect(table).toBeVisible();
});
