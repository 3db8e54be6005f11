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
	await expect(page.getByLabel('名单')).toHaveAttribute('aria-invalid', 'true');

	const [one, other] = people;
	await page
		.getByLabel('名单')
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
