import { withToken } from '../support/discussion.ts';
import { admin, logIn, newName, newResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rules 1 2 3 4 5 6 8 9 15: who is honoured is drawn up, frozen and taken away', async ({
	page,
	phone,
}) => {
	// A day on which nothing else is earned: whoever earns meanwhile changes what is looked at.
	const day = phone ? '2026-02-03' : '2026-02-04';
	const person = await newResident(page.request);
	const token = await logIn(page, admin());
	const award = (what: string) =>
		withToken(page.request, token)('POST', '/credit-awards', {
			residents: [{ id: person.id }],
			unit: 'credit',
			amount: '0.90',
			reason: `${what}${newName()}`,
			earned_on: day,
		});
	await award('年度志愿');
	await open(page, '/office/honours/');
	await page.getByLabel('个人选几名').fill('x');
	await page.getByRole('button', { name: '排出名单' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await sweep(page, 'honours, refused');
	await page.getByLabel('个人选几名').fill('70');
	await page.getByLabel('从哪天').fill(day);
	await page.getByLabel('到哪天').fill(day);
	await page.getByRole('button', { name: '排出名单' }).click();
	await expect(page.getByRole('rowheader', { name: person.name })).toBeVisible();
	await sweep(page, 'honours, drawn up');

	// Meanwhile somebody earns more: what was looked at is not what would be frozen.
	await award('另一次');
	const title = `年度表彰${newName()}`;
	await page.getByRole('button', { name: '定稿' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '定稿' }).click();
	await expect(page.getByRole('dialog').getByLabel('名单名称')).toBeFocused();
	await page.getByRole('dialog').getByLabel('名单名称').fill(title);
	await page.getByRole('dialog').getByRole('button', { name: '定稿' }).click();
	await expect(page.getByRole('alert')).toContainText('这是新排的名单');
	await expect(page.getByRole('row').filter({ hasText: person.name })).toContainText('1.8');
	await sweep(page, 'honours, drawn up anew');
	await page.getByRole('button', { name: '定稿' }).click();
	await expect(page.getByRole('dialog').getByLabel('名单名称')).toHaveValue(title);
	await page.getByRole('dialog').getByRole('button', { name: '定稿' }).click();
	await expect(page.getByText('已经定稿。')).toBeVisible();
	await page.getByRole('button', { name: `看“${title}”` }).click();
	await expect(page.getByText('内容和校验码一致。')).toBeVisible();
	const downloaded = page.waitForEvent('download');
	await page.getByRole('button', { name: `下载 Excel：${title}` }).click();
	expect((await downloaded).suggestedFilename()).toBe(`${title}.xlsx`);
	await sweep(page, 'honours, frozen');
});
