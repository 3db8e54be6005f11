import type { Locator, Page } from '@playwright/test';

/** What folds the menu on a narrow screen; wide ones show all of it. */
export const foldOf = (page: Page): Locator =>
	page.getByRole('navigation').getByRole('button', { name: /^菜单/ });

/** The places of the menu, all to be seen. */
export async function menu(page: Page): Promise<Locator> {
	const fold = foldOf(page);
	if ((await fold.isVisible()) && (await fold.getAttribute('aria-expanded')) === 'false')
		await fold.click();
	return page.getByRole('navigation').getByRole('list');
}
