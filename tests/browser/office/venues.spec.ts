import { admin, logIn, newName, newResident } from '../support/site.ts';
import { open, sweep, sweepDialog } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rules 1 2 3 4 5 6 8 9 15 19: a venue is kept, an award warns of its seats, and what is above them is found', async ({
	page,
}) => {
	const people = [await newResident(page.request), await newResident(page.request)];
	const name = `报告厅${newName()}`;
	const done = (words: string) => page.getByRole('status').filter({ hasText: words });
	const card = page.getByRole('article', { name });
	await logIn(page, admin());
	await open(page, '/office/venues/');
	const add = page.getByRole('button', { name: '添加', exact: true });
	await add.click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByLabel('场地名称')).toHaveAttribute('aria-invalid', 'true');
	await page.getByLabel('场地名称').fill(name);
	await page.getByLabel('座位数').fill('0');
	await add.click();
	await expect(page.getByLabel('座位数')).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByLabel('场地名称')).toHaveValue(name);
	await sweep(page, 'a venue, refused');
	await page.getByLabel('座位数').fill('1');
	await add.click();
	await expect(done(`“${name}”添加好了。`)).toBeFocused();
	await expect(page).not.toHaveTitle(/^错误：/);
	await expect(card).toContainText('1 个座位');
	// However many there are, the form is a step away.
	await page.getByRole('link', { name: '添加场地' }).click();
	await expect(page.getByRole('heading', { name: '添加场地' })).toBeInViewport();
	await page.keyboard.press('Tab');
	await expect(page.getByLabel('哪所学校的场地', { exact: true })).toBeFocused();
	await page.getByLabel('看哪所学校的场地').selectOption({ label: '梧桐社区市民学校' });
	await expect(card).toHaveCount(0);
	await page.getByLabel('看哪所学校的场地').selectOption({ label: '全部学校' });
	await expect(card).toBeVisible();
	// What the server refuses is said beside its field.
	await page.getByLabel('场地名称').fill(name);
	await page.getByLabel('座位数').fill('2');
	await add.click();
	await expect(page.getByText('这所学校已经有同名的场地，请换一个名称。').first()).toBeVisible();
	await expect(page.getByLabel('场地名称')).toHaveAttribute('aria-invalid', 'true');

	await open(page, '/office/awards/');
	await page
		.getByLabel('名单', { exact: true })
		.fill(people.map((person) => person.learnerNumber).join('\n'));
	await page.getByLabel('每人多少').fill('1');
	const reason = `讲座${newName()}`;
	await page.getByLabel('原因').fill(reason);
	const venue = page.getByLabel('在哪里举行（可不选）');
	const option = venue.locator('option').filter({ hasText: name });
	await expect(option).toHaveText(new RegExp(`^${name}（1 个座位），`));
	await venue.selectOption((await option.textContent()) ?? '');
	await sweep(page, 'awards with a venue');
	await page.getByRole('button', { name: '核对名单' }).click();
	const warning = '这个场地只有 1 个座位，名单有 2 人。可以继续，但会列入异常提醒。';
	await expect(page.getByText(warning)).toBeVisible();
	await sweep(page, 'a list above the seats');
	await page.getByRole('button', { name: /^授予 2 人$/ }).click();
	await expect(page.getByRole('dialog')).toContainText(warning);
	await sweepDialog(page, 'an award above the seats');
	await page.getByRole('dialog').getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByText('已授予 2 人，每人 1 学分。')).toBeVisible();
	await expect(page.getByText(`地点：${name}（1 个座位）`)).toBeVisible();

	await open(page, '/office/anomalies/');
	await page.getByRole('button', { name: '现在再查一遍' }).click();
	await expect(done('查完了，下面是最新的。')).toBeFocused();
	await page.getByLabel('哪一种').selectOption({ label: '到场人数超过场地座位' });
	const found = page.getByRole('article').filter({ hasText: name });
	await expect(found.getByRole('heading')).toContainText(
		`“${name}”只有 1 个座位，名单上到场的有 2 人`,
	);
	await expect(found).toContainText('这是您自己发的，请由另一位管理员办结。');
	await found.locator('summary').click();
	await expect(found).toContainText(reason);
	await expect(found).toContainText(`${admin().name}授予`);
	await sweep(page, 'anomalies, above the seats');

	await found.getByRole('link', { name: new RegExp(name) }).click();
	await card.getByRole('button', { name: /^修改/ }).click();
	await expect(card.getByLabel('场地名称')).toBeFocused();
	await sweep(page, 'a venue, being changed');
	await card.getByRole('button', { name: '不改了' }).click();
	await expect(card.getByRole('button', { name: /^修改/ })).toBeFocused();
	await card.getByRole('button', { name: /^修改/ }).click();
	await card.getByLabel('座位数').fill('2');
	await card.getByRole('button', { name: '保存' }).click();
	await expect(done(`“${name}”改好了。`)).toBeFocused();
	await expect(card).toContainText('2 个座位');
	await card.getByRole('button', { name: /^停用/ }).click();
	await sweepDialog(page, 'closing a venue');
	await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
	await expect(done(`“${name}”已经停用。`)).toBeFocused();
	await expect(card).toHaveCount(0);
});
