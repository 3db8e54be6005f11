import { browser } from '$app/environment';
import { base } from '$app/paths';
import { page } from '$app/state';

/** Address of the log-in page that leads back to where the reader is now. */
export function logInAddress(): string {
	// A prerendered page has no query of its own.
	const here = page.url.pathname + (browser ? page.url.search : '');
	return `${base}/log-in/?next=${encodeURIComponent(here)}`;
}
