import { readFileSync } from 'node:fs';
import { logIn, newResident, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('cards are printed for those who are ticked, and for one', async ({ page }) => {
	test.slow();
	const first = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/people/');
	const print = page.getByRole('button', { name: '打印学员卡', exact: true }).first();
	await expect(print).toBeDisabled();
	const find = async (name: string) => {
		await page.getByRole('searchbox').fill(name);
		await page.getByRole('button', { name: '查找' }).click();
		await expect(page.getByRole('checkbox', { name: `选${name}` })).toBeVisible();
	};
	await find(first.name);
	await page.getByRole('checkbox', { name: '全选这一页' }).check();
	await expect(page.getByText(/选了 1 位/)).toBeVisible();
	await sweep(page, 'people, all ticked');
	await page.getByRole('button', { name: '全部不选' }).click();
	await expect(page.getByText('先在名单里勾选')).toBeVisible();

	await page.getByRole('checkbox', { name: `选${first.name}` }).check();
	await print.click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('马上作废');
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await expect(print).toBeFocused();
	await print.click();
	const saving = page.waitForEvent('download');
	await dialog.getByRole('button', { name: '打印学员卡' }).click();
	const file = await saving;
	expect(file.suggestedFilename()).toMatch(/^学员卡（1张）\.pdf$/);
	expect(
		readFileSync(await file.path())
			.subarray(0, 5)
			.toString(),
	).toBe('%PDF-');
	await expect(page.getByText('1 张学员卡做好了')).toBeVisible();
	await expect(page.getByRole('checkbox', { name: `选${first.name}` })).not.toBeChecked();
	await sweep(page, 'people, cards printed');

	await page.getByRole('button', { name: `打印学员卡，${first.name}` }).click();
	await expect(dialog).toContainText(`给${first.name}印学员卡？`);
	const again = page.waitForEvent('download');
	await dialog.getByRole('button', { name: '打印学员卡' }).click();
	await again;
});

test('a telephone is shown in full for a reason', async ({ page }) => {
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/people/');
	await page.getByRole('searchbox').fill(person.name);
	await page.getByRole('button', { name: '查找' }).click();
	await expect(page.getByText(person.login)).toBeHidden();
	await page.getByRole('button', { name: `显示电话，${person.name}` }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: '显示电话' }).click();
	await expect(dialog.getByLabel('为什么要看')).toBeFocused();
	await expect(dialog.getByLabel('为什么要看')).toHaveAttribute('aria-invalid', 'true');
	await dialog.getByLabel('为什么要看').fill('通知明天停课');
	await dialog.getByRole('button', { name: '显示电话' }).click();
	await expect(page.getByRole('cell', { name: person.login })).toBeVisible();
	await open(page, '/office/people/');
	await page.getByRole('searchbox').fill(person.name);
	await page.getByRole('button', { name: '查找' }).click();
	await expect(page.getByRole('checkbox', { name: `选${person.name}` })).toBeVisible();
	await expect(page.getByText(person.login), 'until the page is left').toBeHidden();
});
