import { test as base, expect, type Page } from '@playwright/test';

/** What no page may do, written down while it runs. */
export interface Observed {
	thirdParties: string[];
	fonts: string[];
	violations: string[];
	errors: string[];
	dialogs: string[];
}

async function observe(page: Page, observed: Observed, origin: string): Promise<void> {
	page.on('request', (request) => {
		const url = request.url();
		if (!/^(blob|data):/.test(url) && new URL(url).origin !== origin) observed.thirdParties.push(url);
		if (request.resourceType() === 'font') observed.fonts.push(url);
	});
	page.on('response', (response) => {
		if (response.status() >= 500) observed.errors.push(`${response.status()} ${response.url()}`);
	});
	page.on('console', (message) => {
		const text = message.text();
		if (/Content Security Policy/i.test(text)) observed.violations.push(text);
		// Refused calls are answers like others; what matters of them the tests look at.
		else if (message.type() === 'error' && !/^Failed to load resource/.test(text))
			observed.errors.push(text);
	});
	page.on('pageerror', (error) => observed.errors.push(String(error.stack ?? error)));
	page.on('dialog', (dialog) => {
		observed.dialogs.push(`${dialog.type()}: ${dialog.message()}`);
		void dialog.dismiss();
	});
	page.on('popup', (popup) => observed.dialogs.push(`popup: ${popup.url()}`));
	await page.exposeFunction('noteViolation', (text: string) => {
		observed.violations.push(text);
	});
	await page.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (event) => {
			const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
			(globalThis as unknown as { noteViolation(text: string): void }).noteViolation(
				`${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`,
			);
		});
	});
}

/** Nothing of the sort may have been seen. */
export function expectNothingForbidden(observed: Observed): void {
	expect.soft(observed.thirdParties, 'rule 12: requests to third parties').toEqual([]);
	expect.soft(observed.fonts, 'rule 12: web fonts').toEqual([]);
	expect.soft(observed.dialogs, 'rule 12: what opened by itself').toEqual([]);
	expect.soft(observed.violations, 'violations of the content security policy').toEqual([]);
	expect.soft(observed.errors, 'errors in the console or of the server').toEqual([]);
}

/** Starts to observe a page that a test has opened by itself. */
export async function observed(page: Page, origin: string): Promise<Observed> {
	const seen: Observed = { thirdParties: [], fonts: [], violations: [], errors: [], dialogs: [] };
	await observe(page, seen, origin);
	return seen;
}

/** Every test's page is observed, whatever else the test is about. */
export const test = base.extend<{ observation: Observed; phone: boolean }>({
	observation: [
		async ({ page, baseURL }, use) => {
			const seen = await observed(page, new URL(baseURL ?? '').origin);
			await use(seen);
			expectNothingForbidden(seen);
		},
		{ auto: true },
	],
	phone: async ({}, use, testInfo) => use(testInfo.project.name === 'phone'),
});

export { expect };
