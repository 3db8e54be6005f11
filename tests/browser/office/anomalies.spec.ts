import { menu } from '../support/menu.ts';
import { admin, logIn, newPhone, newResident } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rules 1 2 3 4 5 6 8 9 15: what is out of the ordinary is found, settled and taken back', async ({
	page,
}) => {
	const login = newPhone();
	const person = await newResident(page.request, { login });
	for (let more = 0; more < 7; more += 1) await newResident(page.request, { login });

	await logIn(page, admin());
	await open(page, '/office/anomalies/');
	await page.getByRole('button', { name: '现在再查一遍' }).click();
	await expect(
		page.getByRole('status').filter({ hasText: '查完了，下面是最新的。' }),
	).toBeFocused();
	const card = page.getByRole('article').filter({ hasText: person.name });
	await expect(card.getByRole('heading')).toHaveText('同一个手机号今年登记了 8 人');
	await expect(card.getByRole('link')).toHaveCount(8);
	await expect((await menu(page)).getByText(/异常情况（\d+）/)).toBeVisible();
	await sweep(page, 'anomalies, open');

	await card.getByRole('button', { name: /^办结/ }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: '办结' }).click();
	await expect(dialog.getByLabel('查到的情况')).toBeFocused();
	await expect(dialog.getByLabel('查到的情况')).toHaveAttribute('aria-invalid', 'true');
	await dialog.getByLabel('查到的情况').fill('楼长替老人登记的，已经打电话核实。');
	await dialog.getByRole('button', { name: '办结' }).click();
	await expect(
		page.getByRole('status').filter({ hasText: '已经办结。有了新的情况，会另外列出来。' }),
	).toBeFocused();

	await page.getByRole('button', { name: '已办结' }).click();
	await page.getByLabel('哪一种').selectOption({ label: '一个手机号登记多人' });
	await expect(card.getByText('楼长替老人登记的，已经打电话核实。')).toBeVisible();
	await sweep(page, 'anomalies, settled');
	await card.getByRole('button', { name: /^撤销办结/ }).click();
	await expect(
		page.getByRole('status').filter({ hasText: '已经撤销办结，又回到等着办的里面。' }),
	).toBeFocused();

	await card.getByRole('link', { name: person.name }).click();
	await settled(page);
	await expect(page.getByText(person.name).first()).toBeVisible();
});
