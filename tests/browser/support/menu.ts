import type { Locator, Page } from '@playwright/test';

/** What folds the menu on a narrow screen; wide ones show all of it. */
export const foldOf = (page: Page): Locator =>
	page.getByRole('navigation').getByRole('button', { name: /^菜单/ });

/** The menu with all its places. */
export async function menu(page: Page): Promise<Locator> {
	const fold = foldOf(page);
	if ((await fold.isVisible()) && (await fold.getAttribute('aria-expanded')) === 'false')
		await fold.click();
	return page.getByRole('navigation');
}
