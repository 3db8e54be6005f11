import { expect, type Page } from '@playwright/test';
import { expectNoAxeFindings } from './axe.ts';
import { expectGoodTabStops } from './keyboard.ts';
import { expectLargeTargets } from './targets.ts';
import {
	doubleText,
	expectNothingClipped,
	expectParagraphGaps,
	expectReadableText,
	textSpacing,
	withStyle,
} from './text.ts';

/** Opens a page and waits until it answers: its script asks for the deployment when it runs. */
export async function open(page: Page, address: string): Promise<void> {
	// The page that is left may have asked too, and be answered only now.
	let there = false;
	page.once('framenavigated', () => (there = true));
	const alive = page.waitForResponse(
		(response) => there && response.url().endsWith('/api/v1/deployment'),
	);
	await page.goto(address);
	await alive;
	await settled(page);
}

/** Waits until nothing is being loaded any more. */
export async function settled(page: Page): Promise<void> {
	await expect(page.locator('main')).not.toContainText(/正在打开，请稍等|Loading, please wait/);
}

const elderButton = (page: Page) => page.getByRole('button', { name: /^(长辈版|Large text)$/ });

async function changeLanguage(page: Page, language: 'zh-CN' | 'en'): Promise<void> {
	const label = language === 'en' ? 'English' : '中文';
	await page.getByRole('banner').getByRole('button', { name: label, exact: true }).click();
	await expect(page.locator('html')).toHaveAttribute('lang', language);
	await settled(page);
}

async function expectFrame(page: Page): Promise<void> {
	await expect.soft(page.locator('html'), 'rule 19').toHaveAttribute('lang', 'zh-CN');
	const viewport = await page.locator('meta[name=viewport]').getAttribute('content');
	expect.soft(viewport, 'rule 19: zoom').not.toMatch(/user-scalable|maximum-scale/);
	await expect.soft(elderButton(page), 'rule 7').toHaveAttribute('aria-pressed', 'false');
	await expect.soft(page.locator('h1'), 'one heading').toHaveCount(1);
	await expect
		.soft(page.locator('dialog[open]'), 'rule 12: nothing opens by itself')
		.toHaveCount(0);
	await expect.soft(page.locator('[placeholder]'), 'rule 9').toHaveCount(0);
	const wrong = await page
		.locator('form:has(input[type=password])')
		.evaluateAll((forms) =>
			forms
				.filter((form) => (form as HTMLFormElement).method !== 'post')
				.map((form) => form.outerHTML),
		);
	expect.soft(wrong, 'rule 10').toEqual([]);
}

async function expectGoodInElderMode(page: Page, where: string): Promise<void> {
	await elderButton(page).click();
	await expect.soft(elderButton(page), 'rule 7').toHaveAttribute('aria-pressed', 'true');
	await expectReadableText(page, 24, `${where}, elder mode`);
	await expectLargeTargets(page, 60, `${where}, elder mode`);
	await expectNothingClipped(page, `${where}, elder mode`);
	await page.evaluate(() => document.documentElement.setAttribute('data-text-size', '30'));
	await expectReadableText(page, 30, `${where}, third step`);
	await expectNothingClipped(page, `${where}, third step`);
}

async function expectGoodWhenNarrow(page: Page, where: string): Promise<void> {
	const size = page.viewportSize();
	await page.setViewportSize({ width: 320, height: 640 });
	await expectNothingClipped(page, `${where}, 320 px`);
	const withoutSpacing = await withStyle(page, textSpacing);
	await expectNothingClipped(page, `${where}, 320 px, text spacing`);
	await withoutSpacing();
	if (size) await page.setViewportSize(size);
	const withoutDouble = await withStyle(page, doubleText);
	await expectNothingClipped(page, `${where}, text at 200 %`);
	await withoutDouble();
}

/** What every page must pass, in its present state; leaves it in Chinese and standard size. */
export async function sweep(page: Page, where: string): Promise<void> {
	await expectFrame(page);
	await expectNoAxeFindings(page, `${where}, zh`);
	await expectReadableText(page, 18, where);
	await expectParagraphGaps(page, where);
	await expectLargeTargets(page, 48, where);
	await expectGoodTabStops(page, where);
	await expectGoodWhenNarrow(page, where);
	await expectGoodInElderMode(page, where);
	await elderButton(page).click();
	await changeLanguage(page, 'en');
	await expectNoAxeFindings(page, `${where}, en`);
	await expectReadableText(page, 18, `${where}, en`);
	await expectNothingClipped(page, `${where}, en`);
	await changeLanguage(page, 'zh-CN');
}

/** The same for a dialog that is open: what is behind it cannot be reached, its buttons neither. */
export async function sweepDialog(page: Page, where: string): Promise<void> {
	await expectNoAxeFindings(page, where);
	await expectReadableText(page, 18, where);
	await expectParagraphGaps(page, where);
	await expectNothingClipped(page, where);
}
