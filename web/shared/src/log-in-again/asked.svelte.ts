import type { Component } from 'svelte';

type Form = Promise<{ default: Component<{ onclose: () => void }> }>;

/** Logging in again on the page itself: asked for where the end of the session is told, or what was refused. */
class AskedAgain {
	/** The part that does it, on its way; `null` while nobody has asked. */
	form = $state.raw<Form | null>(null);

	/** Shows the part that is fetched; one that did not come is fetched anew. */
	ask(fetch: () => Form): void {
		this.form = fetch();
	}

	close(): void {
		this.form = null;
	}
}

export const askedAgain = new AskedAgain();
