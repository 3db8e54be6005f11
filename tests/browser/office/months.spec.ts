import { admin, logIn, staffOf } from '../support/site.ts';
import { open, settled } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rule 15: the admin closes a month that is over, once', async ({ page, phone }) => {
	// Months before everything that other tests hand in.
	const [month, said] = phone ? ['2025-11', '2025年11月'] : ['2025-12', '2025年12月'];
	await logIn(page, admin());
	await open(page, `/office/ranking/?month=${month}&metric=total_registrations`);
	const closing = page.getByRole('button', { name: '月结', exact: true });
	await closing.click();
	const dialog = page.getByRole('dialog', { name: `月结 ${said}` });
	await expect(dialog).toContainText('月结不能撤销');
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await expect(closing).toBeFocused();
	await closing.click();
	await dialog.getByRole('button', { name: '月结', exact: true }).click();
	await expect(page.getByText(`${said}已月结。`)).toBeVisible();
	await expect(page.getByText(/已月结：\d{4}年/)).toBeVisible();
	await expect(page.locator('code')).toHaveText(/^[0-9a-f]{64}$/);
	await expect(closing).toHaveCount(0);
});

test('rankings of every metric, with gaps, sorted and saved', async ({ page }) => {
	await logIn(page, staffOf('TY'));
	await open(page, '/office/ranking/');
	const metric = page.getByLabel('比什么');
	for (const name of await metric.getByRole('option').allTextContents()) {
		await metric.selectOption({ label: name });
		await settled(page);
		const table = page.getByRole('group', { name: `${name}排名表` });
		await expect(table.locator('tbody tr')).toHaveCount(12);
		await expect(table.getByRole('columnheader')).toHaveText([
			/名次/,
			/学校/,
			/本月/,
			/离上一名/,
			/离第一名/,
			/上月/,
			/增减/,
			/补报/,
		]);
	}
	await page.getByRole('button', { name: /^学校/ }).click();
	await expect(page.getByRole('columnheader', { name: '学校' })).toHaveAttribute(
		'aria-sort',
		'ascending',
	);
	await expect(
		page.getByRole('button', { name: '月结', exact: true }),
		'an admin’s work',
	).toHaveCount(0);
	for (const [button, ending] of [
		['导出 CSV', '.csv'],
		['导出 Excel', '.xlsx'],
	] as const) {
		const download = page.waitForEvent('download');
		await page.getByRole('button', { name: button }).click();
		expect((await download).suggestedFilename()).toMatch(
			new RegExp(`^各校月度数据-\\d{4}-\\d{2}\\${ending}$`),
		);
	}
});
