import { answer, api } from '@changqing/shared/api/client';
import { Loaded } from '$lib/api/loaded.svelte';
import type { WaitingQuestions } from '$lib/api/types';
import { onForget } from '$lib/staff/forget';

/** How many questions wait for this account: shown in the menu and on the first page. */
class Waiting {
	readonly #counts = new Loaded<WaitingQuestions>();

	/** Asks anew; a count that cannot be had is left as it was. */
	load(): Promise<void> {
		return this.#counts.run(() => answer(api.GET('/api/v1/waiting-questions')));
	}

	get unanswered(): number {
		return this.#counts.value?.unanswered ?? 0;
	}

	get reported(): number {
		return this.#counts.value?.reported ?? 0;
	}

	get total(): number {
		return this.unanswered + this.reported;
	}

	clear(): void {
		this.#counts.value = null;
	}
}

export const waiting = new Waiting();
onForget(() => waiting.clear());
