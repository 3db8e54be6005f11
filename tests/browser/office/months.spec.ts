import { admin, logIn, staffOf } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
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
	await expect(page.locator('p code')).toHaveText(/^[0-9a-f]{64}$/);
	await expect(closing).toHaveCount(0);
	await expect(page.getByRole('heading', { name: '月报邮件' })).toBeVisible();
	await sweep(page, 'a closed month');
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

test('a school sees its month, the curve of a year with its figures, and what closes the gaps', async ({
	page,
}) => {
	await logIn(page, staffOf('SY'));
	await open(page, '/office/');
	const gaps = page.getByRole('region', { name: '差距在哪里' });
	await expect(gaps).toContainText(/就能赶上前一名|现在没有差距可比|都排在第一/);
	await expect(page.getByRole('region', { name: '等您做的事' })).toBeVisible();
	await page.getByText('看十二个月的数字').click();
	const year = page.getByRole('group', { name: '看十二个月的数字' });
	await expect(year.locator('tbody tr')).toHaveCount(12);
	await expect(year.getByRole('columnheader')).toHaveText([
		'月份',
		'新增登记人数',
		'累计登记人数',
		'学分',
		'学习时长',
	]);
	// An earlier month has nothing to be done any more.
	await page.getByRole('button', { name: '上个月' }).click();
	await settled(page);
	await expect(gaps).toHaveCount(0);
});

test('two schools are compared by every figure, and the large screen turns its pages', async ({
	page,
}) => {
	await logIn(page, staffOf('ST'));
	await open(page, '/office/ranking/');
	await page.getByRole('link', { name: '比较两所学校' }).click();
	const table = page.getByRole('group', { name: /^两所学校的数字/ });
	await expect(table.locator('tbody tr')).toHaveCount(11);
	const other = page.getByLabel('另一所');
	const [first] = await page.getByLabel('这一所').locator('option:checked').allTextContents();
	await other.selectOption({ label: first ?? '' });
	await expect(other).toHaveAccessibleDescription(/请选两所不同的学校/);
	await expect(table).toHaveCount(0);

	await open(page, '/office/wall/');
	await page.getByRole('button', { name: '停在这一项' }).click();
	const figure = page.getByRole('figure');
	const before = (await figure.getByText(/年.+月$/).textContent()) ?? '';
	await page.getByRole('button', { name: '下一项' }).click();
	await expect(figure.getByText(before)).toHaveCount(0);
	await expect(figure.getByRole('listitem')).toHaveCount(12);
});

test('the large screen stays logged in though nobody touches it', async ({ page }) => {
	await page.clock.install();
	await logIn(page, staffOf('ST'));
	await open(page, '/office/wall/');
	await page.clock.runFor('31:00');
	await expect(page.getByRole('button', { name: '停在这一项' })).toBeVisible();
	await expect(page.getByRole('button', { name: '退出登录' })).toBeVisible();
	await expect(page.getByText(/秒后会自动退出|已经帮您退出登录/)).toHaveCount(0);
});
