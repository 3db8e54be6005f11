import { admin, logIn, newName, newPhone, newResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

interface Transfers {
	items: {
		amount: string;
		unit: string;
		reversed_by: string | null;
		reverses: string | null;
		explanation: string;
	}[];
}

test('rules 8 21: an award to a list is checked, made, and undone from where it was made', async ({
	page,
}) => {
	const people = [await newResident(page.request), await newResident(page.request)];
	const stranger = `${newName()} ${newPhone()}`;
	await logIn(page, admin());
	await open(page, '/office/awards/');

	await page.getByRole('button', { name: '核对名单' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByLabel('名单', { exact: true })).toHaveAttribute('aria-invalid', 'true');

	const [one, other] = people;
	await page
		.getByLabel('名单', { exact: true })
		.fill(`${one?.learnerNumber}\n${other?.name}\t${other?.login}\n${stranger}`);
	await page.getByLabel('每人多少').fill('1.5');
	await page.getByLabel('原因').fill('十月防震演练');
	await page.getByRole('button', { name: '核对名单' }).click();

	await expect(page.getByText('2 人对上了，还有 1 行要处理。')).toBeVisible();
	await expect(page.locator('tbody tr').filter({ hasText: '没找到' })).toContainText(stranger);
	await expect(page.getByRole('button', { name: /^授予 \d+ 人$/ })).toHaveCount(0);
	await sweep(page, 'list with a stranger');
	await page
		.getByRole('button', { name: `从名单去掉 3. ${stranger}` })
		.or(page.getByRole('button', { name: `从名单去掉 ${stranger}` }))
		.click();
	await expect(page.getByText('2 人都对上了，可以授予。')).toBeVisible();

	await page.getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByRole('dialog')).toContainText('给 2 人，每人 1.5 学分');
	await expect(page.getByRole('dialog')).toContainText('合计 3 学分');
	await page.getByRole('dialog').getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByText('已授予 2 人，每人 1.5 学分。')).toBeVisible();

	await page.reload();
	await page.getByRole('button', { name: '撤回这次授予' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: '撤回这次授予' }).click();
	await expect(dialog.getByLabel('撤回的原因')).toBeFocused();
	await dialog.getByLabel('撤回的原因').fill('名单拿错了');
	await dialog.getByRole('button', { name: '撤回这次授予' }).click();
	await expect(page.getByText('已撤回 2 人的授予。')).toBeVisible();
	await expect(page.getByRole('button', { name: '撤回这次授予' })).toHaveCount(0);

	// The resident sees both rows, in plain words.
	if (!one) throw new Error('no resident was made');
	const session = await page.request.post('/api/v1/session', {
		data: { login: one.login, password: one.password },
	});
	const { access_token } = (await session.json()) as { access_token: string };
	const answer = await page.request.get('/api/v1/me/credit-account/transfers', {
		headers: { Authorization: `Bearer ${access_token}` },
	});
	const { items } = (await answer.json()) as Transfers;
	expect(items.map((item) => item.amount).sort()).toEqual(['-1.50', '1.50']);
	expect(items.find((item) => item.amount === '1.50')?.reversed_by).not.toBeNull();
	expect(items.find((item) => item.amount === '1.50')?.explanation).toContain('十月防震演练');
});

test('rules 1 2 3 4 5 6 9 15: a sheet is read, a stranger is registered, and a large total waits for somebody else', async ({
	page,
}) => {
	test.setTimeout(120_000);
	const known = await newResident(page.request);
	const stranger = { name: newName(), phone: newPhone() };
	await logIn(page, admin());
	await open(page, '/office/awards/');
	const sheet = `签到表\n姓名,联系电话\n${known.name},${known.login}\n${stranger.name},${stranger.phone}\n`;
	await page
		.getByLabel('从表格读名单')
		.setInputFiles({ name: '签到.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) });
	await expect(page.getByText('读出 2 人，已填进名单。')).toBeVisible();
	await sweep(page, 'awards with a sheet');
	await page.getByLabel('每人多少').fill('600');
	await page.getByLabel('原因').fill(`年度志愿${newName()}`);
	await page.getByRole('button', { name: '核对名单' }).click();
	await page.getByRole('button', { name: `现场登记：${stranger.name} ${stranger.phone}` }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog.getByLabel('姓名', { exact: true })).toHaveValue(stranger.name);
	await dialog.getByLabel('登记到哪所学校').selectOption({ index: 1 });
	await dialog.getByLabel('出生日期').fill('1956-03-02');
	await dialog.getByRole('checkbox', { name: '已经读给居民听，居民同意' }).check();
	await dialog.getByRole('button', { name: '登记', exact: true }).click();
	await expect(page.getByText('2 人都对上了，可以授予。')).toBeVisible();
	await page.getByRole('button', { name: '授予 2 人' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByText(/等另一位管理员批准。$/).first()).toBeVisible();

	const proposal = page.getByRole('article', { name: '2 人，合计 1,200 学分' }).first();
	await expect(proposal).toContainText('这是您提交的，请另一位管理员批准。');
	await sweep(page, 'an award that waits');
	await proposal.getByRole('button', { name: /^撤回这份名单/ }).click();
	await page.getByRole('dialog').getByLabel('原因').fill('名单拿错了');
	await page.getByRole('dialog').getByRole('button', { name: '撤回这份名单' }).click();
	await expect(page.getByText('已经处理，没有授予。')).toBeVisible();
});
