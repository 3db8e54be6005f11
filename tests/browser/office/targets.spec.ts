import type { Page, Route } from '@playwright/test';
import { runOut } from '../support/renewal.ts';
import { admin, logIn } from '../support/site.ts';
import { open } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

/**
 * Holds back what is asked of an address.
 *
 * @returns a function that waits until it has been asked so many times, and lets no answer come
 */
async function withhold(page: Page, address: RegExp): Promise<(times: number) => Promise<void>> {
	const waiting: Route[] = [];
	await page.route(address, (route) => void waiting.push(route));
	return async (times) => {
		await expect.poll(() => waiting.length).toBe(times);
		for (const route of waiting) await route.abort();
		await page.unroute(address);
	};
}

test('the populations of one school never stand under another', async ({ page }) => {
	await logIn(page, admin());
	await open(page, '/office/targets/');
	const school = page.locator('#people-branch');
	const save = page.getByRole('button', { name: '保存人口数' });
	const first = page.locator('.people input').first();
	await first.fill('123');
	const fail = await withhold(page, /\/group-populations$/);
	await school.selectOption({ index: 1 });
	await expect(save).toHaveCount(0);
	await fail(1);
	const again = page.getByRole('alert').getByRole('button', { name: '再试一次' });
	await expect(again).toBeVisible();
	await expect(save).toHaveCount(0);
	await again.click();
	await expect(save).toBeVisible();
	await expect(first).not.toHaveValue('123');
});

test('the targets of one figure never stand under another', async ({ page }) => {
	await logIn(page, admin());
	await open(page, '/office/targets/');
	const save = page.getByRole('button', { name: '保存目标' });
	const first = page.locator('.targets input').first();
	await first.fill('12.34');
	const fail = await withhold(page, /\/targets\?/);
	await page.getByLabel('比什么').selectOption({ index: 1 });
	await expect(save).toHaveCount(0);
	await fail(1);
	const again = page.getByRole('alert').getByRole('button', { name: '再试一次' });
	await again.click();
	await expect(save).toBeVisible();
	await expect(first).not.toHaveValue('12.34');
	// What is copied from the year before comes too late for what has been chosen meanwhile.
	const drop = await withhold(page, /\/targets\?/);
	await page.getByRole('button', { name: '按上一年填好' }).click();
	await page.getByLabel('比什么').selectOption({ index: 0 });
	await drop(2);
	await again.click();
	await expect(save).toBeVisible();
	await expect(page.getByRole('alert')).toHaveCount(0);
});

test('rule 16: targets and populations that were typed outlast the session', async ({ page }) => {
	await page.clock.install();
	await logIn(page, admin());
	await open(page, '/office/targets/');
	const target = page.locator('.targets input').first();
	const people = page.locator('.people input').first();
	await target.fill('12.34');
	await people.fill('123');
	await page.clock.fastForward('28:30');
	await runOut(page, '02:00');
	await expect(page.getByText('已经帮您退出登录')).toBeVisible();
	await expect(target).toHaveValue('12.34');
	await expect(people).toHaveValue('123');
});
