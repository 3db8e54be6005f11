import { expectNoAxeFindings } from '../support/axe.ts';
import { photo, newOutcome } from '../support/recognition.ts';
import { runOut } from '../support/renewal.ts';
import { logInAsNewResident, newResident } from '../support/site.ts';
import { open, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

test('rules 1 2 3 4 5 6 7 8 9 10 12 19: what was achieved elsewhere is filed with a photo, and taken back', async ({
	page,
	browser,
}) => {
	const outcome = await newOutcome(browser);
	await open(page, '/recognition/');
	await expect(page.getByRole('heading', { name: outcome })).toBeVisible();
	await sweep(page, 'recognition, for a visitor');

	await logInAsNewResident(page);
	await open(page, '/credits/');
	await page.getByRole('link', { name: '成果认定' }).click();
	await expect(page.getByText('还没有交过申请。')).toBeVisible();
	await page.getByRole('button', { name: '申请认定一项成果' }).click();
	await page.getByRole('button', { name: '下一步：加照片' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await sweep(page, 'recognition, refused');

	await page.getByLabel('是哪一类成果').selectOption({ label: outcome });
	await page.getByLabel('成果叫什么').fill('图书馆志愿者');
	await page.getByLabel('谁发的、谁办的').fill('区图书馆');
	await page.getByLabel('哪一天').fill('2026-01-05');
	await page.getByLabel('一共几个小时').fill('6');
	await page.getByRole('button', { name: '下一步：加照片' }).click();
	await expect(page.getByRole('heading', { name: '图书馆志愿者' })).toBeVisible();
	await page.getByRole('button', { name: '提交申请' }).click();
	await expect(page.getByRole('alert')).toContainText('请先加上照片');
	await page.getByLabel('拍照或选照片').setInputFiles(photo);
	await expect(page.getByRole('status').filter({ hasText: '照片加好了。' })).toBeVisible();
	await expect(page.getByRole('img', { name: '第 1 张照片' })).toBeVisible();
	await sweep(page, 'recognition, a draft');
	await page.getByRole('button', { name: '修改内容' }).click();
	await page.getByLabel('谁发的、谁办的').fill('市图书馆');
	await expect(page.getByRole('button', { name: '提交申请' })).toHaveCount(0);
	await page.getByRole('button', { name: '保存修改' }).click();
	await expect(page.getByText('市图书馆')).toBeVisible();
	await page.getByRole('button', { name: '提交申请' }).click();
	await expect(page.getByText('等社区学校核对')).toBeVisible();
	await expect(page.getByText('3 学分')).toBeVisible();
	await sweep(page, 'recognition, sent');

	await page.getByRole('button', { name: '撤回申请' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '撤回申请' }).click();
	await expect(page.getByRole('status').filter({ hasText: '已经撤回。' })).toBeVisible();
	await expect(page.getByRole('img')).toHaveCount(0);
	await page.getByRole('link', { name: '看所有申请' }).click();
	await expect(page.getByRole('link', { name: '看《图书馆志愿者》' })).toBeVisible();
	await sweep(page, 'recognition, a list');
});

test('rules 15 16: a half-filled claim outlives the session, and one logs in again beside it', async ({
	page,
}) => {
	await page.clock.install();
	const person = await logInAsNewResident(page);
	await open(page, '/recognition/');
	await page.getByRole('button', { name: '申请认定一项成果' }).click();
	const title = page.getByLabel('成果叫什么');
	await title.fill('图书馆志愿者');
	await page.clock.fastForward('28:30');
	await expect(page.getByText('登录快到时间了')).toBeVisible();
	await runOut(page, '02:00');
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await expect(title).toHaveValue('图书馆志愿者');

	const again = page.getByRole('button', { name: '重新登录' });
	const dialog = page.getByRole('dialog', { name: '重新登录' });
	await again.click();
	await expect(dialog).toBeVisible();
	await expectNoAxeFindings(page, 'logging in again');
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await expect(again).toBeFocused();
	await again.click();
	await dialog.getByRole('button', { name: '登录', exact: true }).click();
	await expect(dialog.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await dialog.getByLabel('手机号、邮箱或学员号').fill(person.login);
	await dialog.getByLabel('密码', { exact: true }).fill(person.password);
	await dialog.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByText('已经帮您退出登录')).toBeHidden();
	await expect(dialog).toBeHidden();
	await expect(page).not.toHaveTitle(/^错误：/);
	await expect(title).toHaveValue('图书馆志愿者');

	// For somebody else the page is a new one.
	await page.clock.fastForward('28:30');
	await runOut(page, '02:00');
	await again.click();
	const other = await newResident(page.request);
	await dialog.getByLabel('手机号、邮箱或学员号').fill(other.login);
	await dialog.getByLabel('密码', { exact: true }).fill(other.password);
	await dialog.getByRole('button', { name: '登录', exact: true }).click();
	await expect(page.getByRole('button', { name: '申请认定一项成果' })).toBeVisible();
	await expect(title).toHaveCount(0);
});
