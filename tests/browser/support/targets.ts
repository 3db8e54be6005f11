import { expect, type Page } from '@playwright/test';

/**
 * Rule 3: everything that can be pressed measures at least so much in both directions, and two of
 * them stand 8 px apart. A label counts with its field, and a link that covers its card with it.
 */
function findSmallTargets(least: number): string[] {
	const named = (element: Element) =>
		`<${element.tagName.toLowerCase()} id="${element.id}"> ${(element.textContent ?? '').trim().slice(0, 16)}`;
	const area = (element: Element): DOMRect => {
		const label = element.closest('label');
		if (label && element.matches('input')) return label.getBoundingClientRect();
		const cover = getComputedStyle(element, '::after');
		if (cover.position === 'absolute' && cover.content !== 'none') {
			const holder = (element as HTMLElement).offsetParent;
			if (holder) return holder.getBoundingClientRect();
		}
		return element.getBoundingClientRect();
	};
	// What is scrolled past a column that stays in sight lies under it and cannot be pressed there.
	for (const box of document.querySelectorAll('.table-box')) box.scrollLeft = 0;
	const targets = [
		...document.querySelectorAll('a[href], button, input, select, textarea, summary'),
	]
		.filter((element) => element.checkVisibility({ visibilityProperty: true }))
		// Shown only while it has the focus, and then alone.
		.filter((element) => element.getBoundingClientRect().bottom > 0 - scrollY)
		.filter((element) => !element.matches('.skip'))
		.map((element) => ({ element, rect: area(element) }));
	const found = targets
		.filter(({ rect }) => rect.width < least - 0.5 || rect.height < least - 0.5)
		.map(({ element, rect }) => `${rect.width}×${rect.height}: ${named(element)}`);
	for (const [index, one] of targets.entries()) {
		for (const other of targets.slice(index + 1)) {
			if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
			const across = Math.max(other.rect.left - one.rect.right, one.rect.left - other.rect.right);
			const down = Math.max(other.rect.top - one.rect.bottom, one.rect.top - other.rect.bottom);
			if (Math.max(across, down) < 7.5)
				found.push(
					`${Math.max(across, down)}px apart: ${named(one.element)} | ${named(other.element)}`,
				);
		}
	}
	return found;
}

/** Rule 3 (48 px, in the elder mode 60). */
export async function expectLargeTargets(page: Page, least: number, where: string): Promise<void> {
	const found = await page.evaluate(findSmallTargets, least);
	expect.soft(found, `rule 3: targets of ${least} px, ${where}`).toEqual([]);
}
