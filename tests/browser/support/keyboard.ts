import { expect, type Locator, type Page } from '@playwright/test';

interface Stop {
	name: string;
	outline: number;
	covered: string | null;
}

/** Where the keyboard is: what it is called, its outline and what lies over it. */
function currentStop(): Stop | null {
	const element = document.activeElement;
	if (!element || element === document.body) return null;
	const rect = element.getBoundingClientRect();
	const outlines: number[] = [];
	// A hidden file field shows its focus on the box around it.
	for (const one of [element, element.parentElement, ...(element.parentElement?.children ?? [])]) {
		if (!one) continue;
		const style = getComputedStyle(one);
		if (style.outlineStyle !== 'none') outlines.push(Number.parseFloat(style.outlineWidth));
	}
	const x = Math.min(Math.max(rect.left + rect.width / 2, 1), innerWidth - 2);
	const y = Math.min(Math.max(rect.top + Math.min(rect.height / 2, 24), 1), innerHeight - 2);
	const top = document.elementFromPoint(x, y);
	const same =
		top !== null &&
		(element.contains(top) || top.contains(element) || top.closest('label') !== null);
	const inView = rect.bottom > 0 && rect.top < innerHeight;
	return {
		name: `<${element.tagName.toLowerCase()} id="${element.id}"> ${(element.textContent ?? '').trim().slice(0, 16)}`,
		outline: Math.max(0, ...outlines),
		covered: inView && same ? null : `by ${top?.tagName} ${top?.className ?? ''}`,
	};
}

/** Rule 6: Tab comes by everything, each stop shows an outline, nothing covers it, none is a trap. */
export async function expectGoodTabStops(page: Page, where: string): Promise<void> {
	await page.evaluate(() => {
		document.body.tabIndex = -1;
		document.body.focus();
		document.body.removeAttribute('tabindex');
		scrollTo(0, 0);
	});
	const expected = await page.evaluate(
		() =>
			[...document.querySelectorAll('a[href], button, input, select, textarea, summary, video')]
				.filter(
					(one) => !one.matches(':disabled') && one.checkVisibility({ visibilityProperty: true }),
				)
				// Of a group of radio buttons the keyboard stops at one.
				.filter((one) => !(one instanceof HTMLInputElement && one.type === 'radio')).length,
	);
	const stops: Stop[] = [];
	let ended = false;
	for (let presses = 0; presses < expected + 60 && !ended; presses += 1) {
		await page.keyboard.press('Tab');
		const stop = await page.evaluate(currentStop);
		if (stop === null) ended = true;
		else stops.push(stop);
	}
	expect.soft(ended, `rule 6: Tab leaves the page in the end, ${where}`).toBe(true);
	const names = new Set(stops.map((stop) => stop.name));
	expect
		.soft(stops.length, `rule 6: stops on ${[...names].join('; ')}`)
		.toBeGreaterThanOrEqual(expected);
	const thin = stops.filter((stop) => stop.outline < 2).map((stop) => stop.name);
	expect.soft(thin, `rule 6: stops without an outline, ${where}`).toEqual([]);
	const covered = stops
		.filter((stop) => stop.covered)
		.map((stop) => `${stop.name} ${stop.covered}`);
	expect.soft(covered, `rule 6: stops that are covered, ${where}`).toEqual([]);
}

/** Presses Tab until the keyboard is on what is wanted. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
	await wanted.waitFor();
	for (let presses = 0; presses < 80; presses += 1) {
		if (await wanted.evaluate((element) => element === document.activeElement)) return;
		await page.keyboard.press('Tab');
	}
	throw new Error(`Tab does not come to ${String(wanted)}`);
}
