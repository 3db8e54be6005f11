import type { Browser } from '@playwright/test';
import { asAdmin } from './discussion.ts';
import { newName } from './site.ts';

/** A picture of one pixel. */
export const photo = {
	name: '证书.png',
	mimeType: 'image/png',
	buffer: Buffer.from(
		'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
		'base64',
	),
};

/** An entry of the catalogue under a name of its own. */
export async function newOutcome(browser: Browser, noticeDays = 0): Promise<string> {
	const name = `志愿服务${newName()}`;
	await asAdmin(browser, 'POST', '/recognised-outcomes', {
		kind: 'volunteering',
		name,
		requirement: '志愿者证或服务证明',
		basis: 'hour',
		credits: '0.50',
		year_cap: '10.00',
		notice_days: noticeDays,
	});
	return name;
}
