import { foldOf } from '../support/menu.ts';
import { admin, logIn } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { expect, test } from '../support/test.ts';

test('the long menu of the office is folded on a phone, and open on a desk', async ({ page }, {
	project,
}) => {
	await logIn(page, admin());
	await open(page, '/office/');
	const ranking = page.getByRole('navigation').getByRole('link', { name: '排名', exact: true });
	const fold = foldOf(page);
	if (project.name === 'desktop') {
		await expect(ranking).toBeVisible();
		await expect(fold).toBeHidden();
		return;
	}
	await expect(fold).toHaveText('菜单 · 首页');
	await expect(ranking).toBeHidden();
	// By keyboard as by finger.
	await fold.focus();
	await page.keyboard.press('Enter');
	await expect(fold).toHaveAttribute('aria-expanded', 'true');
	await sweep(page, 'the menu, unfolded');
	// It stays so, whatever language the labels change to.
	await ranking.click();
	await expect(page.getByRole('heading', { level: 1, name: '各校排名' })).toBeVisible();
	await expect(fold).toHaveText('菜单 · 排名');
	await expect(ranking).toBeHidden();
});
