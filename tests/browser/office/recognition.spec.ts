import { randomUUID } from 'node:crypto';
import type { Browser } from '@playwright/test';
import { withToken } from '../support/discussion.ts';
import { photo } from '../support/recognition.ts';
import { admin, logIn, newName, newResident, staffOf } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/** Somebody who has sent something in; answers their name. */
async function sendIn(browser: Browser, outcome: string): Promise<string> {
	const page = await browser.newPage();
	const person = await newResident(page.request);
	const token = await logIn(page, person);
	const call = withToken(page.request, token);
	const { items } = (await call('GET', '/recognised-outcomes')) as {
		items: { id: string; name: string }[];
	};
	const { id } = await call('POST', '/me/recognitions', {
		outcome_id: items.find((one) => one.name === outcome)?.id,
		title: '图书馆志愿者',
		issuer: '区图书馆',
		issued_on: '2026-01-05',
		hours: 6,
	});
	const sent = await page.request.post(`/api/v1/me/recognitions/${id}/photos`, {
		headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': randomUUID() },
		multipart: { file: photo },
	});
	expect(sent.ok(), await sent.text()).toBe(true);
	await call('POST', `/me/recognitions/${id}/submission`);
	await page.close();
	return person.name;
}

test('rules 1 2 3 4 5 6 8 9 15: the street says what it recognises, the branch checks, the street approves', async ({
	page,
	browser,
}) => {
	const outcome = `志愿服务${newName()}`;
	await logIn(page, admin());
	await open(page, '/office/recognition/');
	await page.getByRole('button', { name: '添加一类成果' }).click();
	await expect(page.getByLabel('哪一种')).toBeFocused();
	await page.getByRole('button', { name: '保存' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await sweep(page, 'catalogue, refused');
	await page.getByLabel('哪一种').selectOption('volunteering');
	await page.getByLabel('成果名称').fill(outcome);
	await page.getByLabel('要拍什么').fill('志愿者证或服务证明');
	await page.getByLabel('怎么算').selectOption('hour');
	await page.getByLabel('学分', { exact: true }).fill('0.5');
	await page.getByLabel('全年最多').fill('10');
	await page.getByRole('button', { name: '保存' }).click();
	await expect(page.getByText(`“${outcome}”保存好了。`)).toBeVisible();

	const name = await sendIn(browser, outcome);
	const about = `${name}：图书馆志愿者`;
	const branch = await (await browser.newContext()).newPage();
	await logIn(branch, staffOf('CQJD'));
	await open(branch, '/office/recognition/');
	const filed = branch.getByRole('article', { name: about });
	await expect(filed.getByRole('img')).toBeVisible();
	await sweep(branch, 'recognition of a branch');
	await branch.getByRole('button', { name: `核对无误：${about}` }).click();
	await branch.getByRole('dialog').getByLabel('看过原件，和照片一致').check();
	await branch.getByRole('dialog').getByRole('button', { name: '核对无误' }).click();
	await expect(branch.getByText('核对好了，等街道批准。')).toBeVisible();
	await branch.close();

	await page.getByRole('button', { name: '等批准' }).click();
	await settled(page);
	await page.getByRole('button', { name: `批准：${about}` }).click();
	await page.getByRole('dialog').getByRole('button', { name: '批准' }).click();
	await expect(page.getByText('批准好了。')).toBeVisible();
	// A worker posts it, a moment later.
	await expect
		.poll(async () => {
			await page.getByRole('button', { name: '等核对' }).click();
			await page.getByRole('button', { name: '全部' }).click();
			await settled(page);
			return page.getByRole('article', { name: about }).getByText('记了 3 学分').isVisible();
		})
		.toBe(true);
	await sweep(page, 'recognition of the street');
});
