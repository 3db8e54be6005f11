import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { logIn, rosters, staffOf } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

interface Expected {
	files: Record<
		string,
		{
			branch: string;
			rows: number;
			counts: Record<string, number>;
			rows_not_ok: Record<string, string>;
		}
	>;
	branches: { code: string; name: string; residents: number }[];
	months: Record<string, { branch: string; new_registrations: number }[]>;
}

const expected = JSON.parse(readFileSync(join(rosters, 'expected.json'), 'utf8')) as Expected;

/** A file is handed in once: each screen has a branch of its own. */
const files = { phone: 'WT-梧桐社区学员登记表.csv', desktop: 'CX-春晓社区学员登记表.xlsx' };

/** Rule 15: where a dialog closes, how large that is, Esc, and where the focus goes. */
async function expectGoodDialog(page: Page, opener: ReturnType<Page['getByRole']>): Promise<void> {
	await opener.click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toBeVisible();
	const close = dialog.getByRole('button', { name: '关闭' });
	const [box, target] = [await dialog.boundingBox(), await close.boundingBox()];
	if (!box || !target) throw new Error('the dialog has no place on the screen');
	expect(Math.min(target.width, target.height)).toBeGreaterThanOrEqual(48);
	expect(target.y, 'closes at the bottom').toBeGreaterThan(box.y + box.height / 2);
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await expect(opener).toBeFocused();
	await opener.click();
	await close.click();
	await expect(opener).toBeFocused();
}

test('rules 15 22: a roster is checked, looked at again, confirmed once, and counts', async ({
	page,
	phone,
}) => {
	const name = phone ? files.phone : files.desktop;
	const file = expected.files[name];
	const branch = expected.branches.find((one) => one.code === file?.branch);
	if (!file || !branch) throw new Error('expected.json does not know the file');
	const good = file.counts.ok ?? 0;
	const figure = (label: string) =>
		page.locator('.figures div').filter({ hasText: label }).getByRole('definition');

	await logIn(page, staffOf(file.branch));
	await open(page, '/office/rosters/');
	await page.locator('#roster-file').setInputFiles(join(rosters, name));
	await expect(page.getByText('检查完，等您确认').first()).toBeVisible();
	await expect(page.getByText(`共 ${file.rows} 人`)).toBeVisible();
	await expect(figure('可以导入')).toHaveText(String(good));
	await expect(figure('表内重复')).toHaveText(String(file.counts.duplicate));
	const refused = Object.keys(file.rows_not_ok);
	await expect(figure('内容有问题')).toHaveText(
		String(refused.length - (file.counts.duplicate ?? 0)),
	);
	const rows = page.getByRole('group', { name: /^不能导入的行/ }).locator('tbody tr');
	const shown = await rows.evaluateAll((all) =>
		all.map((row) => row.lastElementChild?.textContent?.trim() ?? ''),
	);
	expect(shown.sort()).toEqual(refused.sort());
	await expect(rows.filter({ hasText: '没有姓名' })).toHaveCount(file.counts.name_missing ?? 0);
	await sweep(page, 'roster with problem rows');

	// One may leave, and come back to the result.
	await open(page, '/office/rosters/');
	await page
		.getByRole('button', { name: `查看 ${name}` })
		.first()
		.click();
	const confirm = page.getByRole('button', { name: `确认导入 ${good} 人` });
	await expectGoodDialog(page, confirm);
	await confirm.click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText(`${good} 人将登记到${branch.name}`);
	await dialog.getByRole('button', { name: `确认导入 ${good} 人` }).click();
	await expect(page.getByText(`已把 ${good} 人登记到${branch.name}。`)).toBeVisible();

	await page.getByRole('link', { name: '看排名' }).click();
	await page.getByLabel('比什么').selectOption({ label: '累计登记人数' });
	const own = page.getByRole('group', { name: '累计登记人数排名表' }).locator('tbody tr', {
		hasText: '本校',
	});
	await expect(own.getByRole('cell').nth(1)).toHaveText(String(branch.residents));
	await expect(own.getByRole('rowheader')).toContainText(branch.name);
	const october = expected.months['2026-10']?.find((one) => one.branch === file.branch);
	await open(page, '/office/ranking/?month=2026-10&metric=new_registrations');
	await expect(
		page
			.getByRole('group', { name: '新增登记人数排名表' })
			.locator('tbody tr', { hasText: '本校' })
			.getByRole('cell')
			.nth(1),
	).toHaveText(String(october?.new_registrations));

	await open(page, '/office/rosters/');
	await page.locator('#roster-file').setInputFiles(join(rosters, name));
	await expect(page.getByText('没有新的人可以导入，不用再确认。')).toBeVisible();
	await expect(figure('以前登记过')).toHaveText(String(good));
});

test('a file that is no roster is refused in words', async ({ page }) => {
	await logIn(page, staffOf('ST'));
	await open(page, '/office/rosters/');
	await page.locator('#roster-file').setInputFiles({
		name: 'ST-账单.csv',
		mimeType: 'text/csv',
		buffer: Buffer.from('日期,金额\n2026-10-01,12.50\n'),
	});
	await expect(page.getByText(/这个文件不像学员登记表/).first()).toBeVisible();
	await page.locator('#roster-file').setInputFiles({
		name: 'ST-名册.xls',
		mimeType: 'application/vnd.ms-excel',
		buffer: Buffer.from('<html><table><tr><td>姓名</td></tr></table></html>'),
	});
	await expect(page.getByText('这个文件是网页（虽然文件名像表格）。')).toBeVisible();
	await page.locator('#roster-file').setInputFiles({
		name: 'ST-没有姓名.csv',
		mimeType: 'text/csv',
		buffer: Buffer.from('出生日期,电话\n1956-03-02,13812345678\n'),
	});
	await expect(page.getByText('没有找到这一列：姓名。')).toBeVisible();
	await settled(page);
});
