import { expect, type Page } from '@playwright/test';

/**
 * Rules 1 and 2: all text that is shown has at least this size and one and a half times it as line
 * height; what is only for screen readers does not count. Answers what is wrong.
 */
function findSmallText(least: number): string[] {
	const found = new Set<string>();
	const shown = (element: Element): boolean => {
		if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
		for (let one: Element | null = element; one; one = one.parentElement) {
			const { clipPath, position } = getComputedStyle(one);
			if (position === 'absolute' && clipPath === 'inset(50%)') return false;
		}
		return true;
	};
	const look = (element: Element, text: string) => {
		const style = getComputedStyle(element);
		const size = Number.parseFloat(style.fontSize);
		const line = Number.parseFloat(style.lineHeight);
		const place = `<${element.tagName.toLowerCase()} class="${element.className}"> ${text.slice(0, 20)}`;
		if (size < least - 0.05) found.add(`${size}px: ${place}`);
		// The line of a field is set by its own height.
		if (!element.matches('input, select, option') && !(line >= size * 1.5 - 0.05))
			found.add(`line height ${style.lineHeight} at ${size}px: ${place}`);
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		const text = node.textContent?.trim() ?? '';
		if (element && text !== '' && !element.closest('noscript, script') && shown(element))
			look(element, text);
	}
	for (const field of document.querySelectorAll('input, select, textarea'))
		if (shown(field)) look(field, field.id);
	return [...found];
}

/** Rule 1 (18, 24 or 30 px) and rule 2. */
export async function expectReadableText(page: Page, least: number, where: string): Promise<void> {
	const found = await page.evaluate(findSmallText, least);
	expect.soft(found, `rules 1 and 2: text of at least ${least} px, ${where}`).toEqual([]);
}

/** Rule 2: the gap between paragraphs is at least 1.3 times the white between two lines. */
export async function expectParagraphGaps(page: Page, where: string): Promise<void> {
	const found = await page.evaluate(() => {
		const bad: string[] = [];
		for (const next of document.querySelectorAll('main p + p')) {
			const before = next.previousElementSibling as HTMLElement;
			const style = getComputedStyle(before);
			const leading = Number.parseFloat(style.lineHeight) - Number.parseFloat(style.fontSize);
			const between = next.getBoundingClientRect().top - before.getBoundingClientRect().bottom;
			if (between < 0 || before.getClientRects().length === 0) continue;
			if (between < leading * 1.3) bad.push(`${between}px: ${before.textContent?.slice(0, 20)}`);
		}
		return bad;
	});
	expect.soft(found, `rule 2: gaps between paragraphs, ${where}`).toEqual([]);
}

/**
 * Rule 5: no text is cut off by the box it stands in, leaves its button or field, or leaves the
 * screen sideways. Boxes that scroll by themselves do not cut anything off.
 */
function findClippedText(): string[] {
	const found = new Set<string>();
	const width = document.documentElement.clientWidth;
	const scrolls = (value: string) => value === 'auto' || value === 'scroll';
	const look = (node: Node, element: Element) => {
		const range = document.createRange();
		range.selectNodeContents(node);
		const text = range.getBoundingClientRect();
		if (text.width === 0 || text.height === 0) return;
		const said = node.textContent?.trim().slice(0, 20);
		for (let box: Element | null = element; box && box !== document.body; box = box.parentElement) {
			const style = getComputedStyle(box);
			if (style.clipPath === 'inset(50%)') return;
			if (scrolls(style.overflowX)) return;
			const rect = box.getBoundingClientRect();
			const holds = box.matches('button, a.button, .card, label, summary, nav a');
			const cuts = style.overflow === 'hidden' || style.overflow === 'clip';
			if (!holds && !cuts) continue;
			if (
				text.left < rect.left - 1 ||
				text.right > rect.right + 1 ||
				text.top < rect.top - 1 ||
				text.bottom > rect.bottom + 1
			)
				found.add(`leaves <${box.tagName.toLowerCase()} class="${box.className}">: ${said}`);
		}
		if (text.left < -1 || text.right > width + 1) found.add(`leaves the screen: ${said}`);
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		if (!element || node.textContent?.trim() === '' || element.closest('noscript, script'))
			continue;
		if (element.checkVisibility({ visibilityProperty: true })) look(node, element);
	}
	return [...found];
}

/**
 * Text of four characters and more that stands one to a line, because what is beside it leaves it no
 * room: nobody reads a name downwards.
 */
function findSqueezedText(): string[] {
	const found = new Set<string>();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		const text = node.textContent?.trim() ?? '';
		const size = [...text.replace(/\s/g, '')].length;
		if (!element || size < 4 || element.closest('noscript, script, svg')) continue;
		if (!element.checkVisibility({ visibilityProperty: true })) continue;
		// What is only for screen readers stands in a box of a pixel.
		if (element.getBoundingClientRect().width <= 1) continue;
		const range = document.createRange();
		range.selectNodeContents(node);
		const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size;
		if (lines > 1 && size / lines < 1.5)
			found.add(`${size} on ${lines} lines: ${text.slice(0, 20)}`);
	}
	return [...found];
}

/** Rule 5: nothing is clipped or squeezed, and the page does not scroll sideways. */
export async function expectNothingClipped(page: Page, where: string): Promise<void> {
	const found = await page.evaluate(findClippedText);
	expect.soft(found, `rule 5: clipped text, ${where}`).toEqual([]);
	const squeezed = await page.evaluate(findSqueezedText);
	expect.soft(squeezed, `one character to a line, ${where}`).toEqual([]);
	const overflow = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
	);
	expect.soft(overflow, `rule 5: scrolls sideways, ${where}`).toBeLessThanOrEqual(0);
}

/** Styles a reader brings along; answers a function that takes them off again. */
export async function withStyle(page: Page, css: string): Promise<() => Promise<void>> {
	// A sheet made by script is the reader's own: the content security policy lets it be.
	await page.evaluate((text) => {
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(text);
		document.adoptedStyleSheets = [sheet];
	}, css);
	return () =>
		page.evaluate(() => {
			document.adoptedStyleSheets = [];
		});
}

/** WCAG 2.2, 1.4.12. */
export const textSpacing = `
	* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
	p { margin-bottom: 2em !important; }
`;

/** Twice the standard text size, as a reader sets it in the browser. */
export const doubleText = ':root { font-size: 225% !important; }';
