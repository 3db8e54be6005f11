import { admin, logIn, newResident, staffOf } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('staff move a learner to another branch and see them no more', async ({ page }) => {
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/people/');
	await page.getByRole('searchbox').fill(person.name);
	await page.getByRole('button', { name: '查找' }).click();
	await page.getByRole('link', { name: person.name }).click();
	await expect(page.getByText('没有转过分校。')).toBeVisible();
	await page.getByRole('button', { name: '转到其他分校' }).click();
	await sweep(page, 'moving somebody');
	await page.getByRole('button', { name: '转过去' }).click();
	await expect(page.getByRole('link', { name: '请选择要转到的分校' })).toBeVisible();
	await page.getByLabel('转到哪一所').selectOption({ label: '春晓社区市民学校' });
	await page.getByRole('button', { name: '转过去' }).click();
	await expect(page.getByRole('status').filter({ hasText: '转到春晓社区市民学校' })).toBeVisible();
	await sweep(page, 'a person who moved');
});

test('two records of one person are merged, and the merge is undone', async ({ page }) => {
	const first = await newResident(page.request);
	// The same telephone, and a name that differs in one character.
	const name = `${first.name.slice(0, -1)}${first.name.endsWith('芳') ? '方' : '芳'}`;
	const second = await newResident(page.request, { name, login: first.login });
	await logIn(page, admin());
	await open(page, '/office/duplicates/');
	const pair = page.getByRole('region', { name: `${first.name}和${second.name}` });
	await expect(pair).toBeVisible();
	await sweep(page, 'a likely duplicate');
	await pair.getByRole('button', { name: /合并，保留记录一/ }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('有登录账号。');
	await dialog.getByRole('button', { name: '合并', exact: true }).click();
	await expect(page.getByRole('status').filter({ hasText: '现在是一个人' })).toBeVisible();
	await expect(pair).toHaveCount(0);
	await page
		.getByRole('button', { name: `撤销合并：${second.name}` })
		.first()
		.click();
	await page.getByRole('dialog').getByRole('button', { name: '撤销合并' }).click();
	await expect(pair).toBeVisible();
	await pair.getByRole('button', { name: '不是同一个人' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '不是同一个人' }).click();
	await expect(page.getByRole('status').filter({ hasText: '不是同一个人' })).toBeVisible();
	await expect(pair).toHaveCount(0);
});
