import { authorizedFetch } from '@changqing/shared/api/client';
import { EventSource } from 'eventsource';

/**
 * Calls `changed` whenever the figures of a month have changed, until what is returned is called.
 * The browser's own EventSource takes no access token, and this one asks again by itself when the
 * line is cut.
 */
export function followMonth(month: string, changed: () => void): () => void {
	const source = new EventSource(`/api/v1/reports/months/${month}/events`, {
		fetch: (address, init) =>
			authorizedFetch(new Request(new URL(address, location.origin), init as RequestInit)),
	});
	// The first one says how things stand, which the page has just read itself.
	let first = true;
	source.addEventListener('figures', () => {
		if (!first) changed();
		first = false;
	});
	return () => source.close();
}
