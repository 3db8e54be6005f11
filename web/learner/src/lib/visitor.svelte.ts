import { session } from '@changqing/shared/api/session.svelte';

/**
 * Whether a page that is somebody's own has a mere visitor before it. Not when the session has
 * ended on the page itself: what was typed there must survive. Call it while a part is made.
 */
export function visiting(): () => boolean {
	let shown = $state(false);
	$effect(() => {
		if (session.state !== 'ended') shown = session.state === 'in';
	});
	return () => session.state === 'out' || (session.state === 'ended' && !shown);
}
