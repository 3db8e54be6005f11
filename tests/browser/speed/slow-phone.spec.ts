/**
 * What `make bench` measures in the browser. It is no part of `make test`: a busy machine is
 * slower without anything being wrong.
 */
import type { Page } from '@playwright/test';
import { test, expect } from '../support/test.ts';

interface Speed {
	cards: number;
	usable: number;
	blocked: number;
	shifted: number;
}

/** One visit of a slow phone with nothing in its cache. */
async function visit(page: Page): Promise<Speed> {
	const session = await page.context().newCDPSession(page);
	await session.send('Network.enable');
	await session.send('Network.clearBrowserCache');
	await session.send('Network.emulateNetworkConditions', {
		offline: false,
		latency: 150,
		downloadThroughput: 1.6e6 / 8,
		uploadThroughput: 750e3 / 8,
	});
	await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
	await page.goto('/', { waitUntil: 'commit' });
	await page.waitForFunction(() => 'cards' in globalThis && 'usable' in globalThis);
	await page.waitForLoadState('load');
	const speed = await page.evaluate(() => {
		const seen = globalThis as unknown as Speed & { long: number[]; shifts: number[] };
		return {
			cards: seen.cards,
			usable: seen.usable,
			blocked: seen.long.reduce((sum, duration) => sum + Math.max(0, duration - 50), 0),
			shifted: seen.shifts.reduce((sum, shift) => sum + shift, 0),
		};
	});
	await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
	await session.detach();
	return speed;
}

test('rule 14: a slow phone on a slow line', async ({ page }) => {
	await page.addInitScript(() => {
		const seen = Object.assign(globalThis, { long: [] as number[], shifts: [] as number[] });
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) seen.long.push(entry.duration);
		}).observe({ type: 'longtask', buffered: true });
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
				seen.shifts.push(entry.value);
		}).observe({ type: 'layout-shift', buffered: true });
		const look = () => {
			const now = performance.now();
			if (!('cards' in seen) && document.querySelector('main ul li a[href^="/course/"]'))
				Object.assign(seen, { cards: now });
			// The application takes over when it asks for the deployment.
			const alive = performance.getEntriesByName(`${location.origin}/api/v1/deployment`).length > 0;
			if (!('usable' in seen) && alive && document.querySelector('form #login'))
				Object.assign(seen, { usable: now });
			if (!('cards' in seen && 'usable' in seen)) requestAnimationFrame(look);
		};
		requestAnimationFrame(look);
	});
	// What else the machine does can only add: the quickest of three tells what the page costs.
	const visits: Speed[] = [];
	for (let turn = 0; turn < 3; turn += 1) visits.push(await visit(page));
	const best = (key: keyof Speed) => Math.min(...visits.map((one) => one[key]));
	const said = `cards ${best('cards').toFixed()} ms, log-in usable ${best('usable').toFixed()} ms, blocked ${best('blocked').toFixed()} ms, shifted ${best('shifted').toFixed(3)}`;
	test.info().annotations.push({ type: 'measured', description: said });
	console.log(said);
	expect.soft(best('cards')).toBeLessThanOrEqual(2000);
	expect.soft(best('usable')).toBeLessThanOrEqual(2000);
	expect.soft(best('blocked')).toBeLessThanOrEqual(300);
	expect.soft(best('shifted')).toBeLessThanOrEqual(0.1);
});
