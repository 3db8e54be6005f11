import { logIn, newName, newPhone, newResident, staffOf } from '../support/site.ts';
import { tabTo } from '../support/keyboard.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('somebody is registered at the desk by keyboard alone', async ({ page }) => {
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/desk/');
	const { keyboard } = page;
	const name = newName();
	await page.getByLabel('登记到哪所学校').selectOption({ label: '松涛社区市民学校' });
	await tabTo(page, page.getByLabel('姓名', { exact: true }));
	await keyboard.type(name);
	await keyboard.press('Tab');
	await keyboard.type('19560302');
	await keyboard.press('Tab');
	await keyboard.type(newPhone());
	await tabTo(page, page.getByRole('checkbox', { name: '老年人' }));
	await keyboard.press('Space');
	await tabTo(page, page.getByRole('checkbox', { name: '已经读给居民听，居民同意' }));
	await keyboard.press('Space');
	await keyboard.press('Enter');

	await expect(page.getByRole('status').filter({ hasText: '登记好了' })).toBeFocused();
	await expect(page.locator('.number')).toHaveText(/^\d{8}$/);
	await sweep(page, 'somebody who is registered');
	await page.getByRole('button', { name: '给一次性验证码' }).click();
	await expect(page.locator('.code')).toHaveText(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);

	await page.getByRole('button', { name: '登记下一位' }).click();
	await expect(page.getByLabel('姓名', { exact: true })).toBeFocused();
	await expect(page.getByLabel('姓名', { exact: true })).toHaveValue('');
	await expect(page.getByRole('checkbox', { name: '已经读给居民听，居民同意' })).not.toBeChecked();
	await expect(page.getByLabel('登记到哪所学校')).not.toHaveValue('');
});

test('a child comes with a guardian', async ({ page }) => {
	await logIn(page, staffOf('ST'));
	await open(page, '/office/desk/');
	const name = newName();
	await page.getByLabel('姓名', { exact: true }).fill(name);
	await expect(page.getByLabel('监护人姓名')).toBeHidden();
	await page.getByLabel('出生日期').fill('20190501');
	await page.getByRole('checkbox', { name: '已经读给监护人听，监护人同意' }).first().check();
	await page.getByRole('button', { name: '登记', exact: true }).click();

	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByLabel('监护人姓名')).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByLabel('姓名', { exact: true })).toHaveValue(name);
	await sweep(page, 'a child at the desk, refused');

	await page.getByLabel('监护人姓名').fill(newName());
	await page.getByLabel('监护人电话').fill(newPhone());
	await page.getByRole('radio', { name: '父亲或母亲' }).check();
	await page.getByRole('checkbox', { name: '已经读给监护人听，监护人同意' }).last().check();
	await page.getByRole('button', { name: '登记', exact: true }).click();
	await expect(page.getByRole('heading', { name: `${name}登记好了` })).toBeVisible();
});

test('a refused form keeps what was typed, and who is on record is gone on with', async ({
	page,
}) => {
	const person = await newResident(page.request);
	await logIn(page, staffOf('CQJD'));
	await open(page, '/office/desk/');
	await page.getByRole('button', { name: '登记', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('请填写姓名');
	await expect(page.getByRole('alert')).toContainText('请读给居民听，征得同意后打勾');

	await page.getByLabel('姓名', { exact: true }).fill(person.name);
	await page.getByLabel('出生日期').fill('1956-03-02');
	await page.getByLabel('电话（可以不填）').fill('12');
	await page.getByRole('checkbox', { name: '已经读给居民听，居民同意' }).check();
	await page.getByRole('button', { name: '登记', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('电话号码不对');
	await expect(page.getByLabel('姓名', { exact: true })).toHaveValue(person.name);
	await page.getByLabel('电话（可以不填）').fill('');
	await page.getByRole('button', { name: '登记', exact: true }).click();
	await expect(page.getByRole('heading', { name: `${person.name}已经登记过了` })).toBeVisible();
	await expect(page.locator('.number')).toHaveText(person.learnerNumber);
});
