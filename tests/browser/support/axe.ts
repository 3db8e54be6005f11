import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/**
 * Rule 4: no finding of WCAG A and AA or best practice, and text contrast of 7:1. No page has frames,
 * so what would look into them, and describes all that is right, is left out: it took most of the time.
 */
export async function expectNoAxeFindings(page: Page, where: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page })
		.setLegacyMode(true)
		.options({
			runOnly: { type: 'tag', values: tags },
			resultTypes: ['violations'],
			rules: { 'color-contrast-enhanced': { enabled: true }, 'target-size': { enabled: true } },
		})
		.analyze();
	const findings = violations.flatMap(({ id, nodes }) =>
		nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}\n${failureSummary}`),
	);
	expect.soft(findings, `rule 4: axe, ${where}`).toEqual([]);
}
