import { answer, api } from '@changqing/shared/api/client';
import { Loaded } from '$lib/api/loaded.svelte';
import type { AnomalyOverview } from '$lib/api/types';
import { onForget } from '$lib/staff/forget';

/** What waits to be settled, and when things were last looked at: shown in the menu and on the first page. */
class OpenAnomalies {
	readonly #overview = new Loaded<AnomalyOverview>();

	/** Asks anew; a count that cannot be had is left as it was. */
	load(): Promise<void> {
		return this.#overview.run(() => answer(api.GET('/api/v1/anomaly-overview')));
	}

	get count(): number {
		return this.#overview.value?.open ?? 0;
	}

	get searchedAt(): string | null {
		return this.#overview.value?.searched_at ?? null;
	}

	/** Whether things are being looked at now, or will be as soon as somebody is free to. */
	get searching(): boolean {
		return this.#overview.value?.searching ?? false;
	}

	/** Whether what stands here is not what was asked for last. */
	get stale(): boolean {
		return this.#overview.failure !== null;
	}

	clear(): void {
		this.#overview.value = null;
	}
}

export const openAnomalies = new OpenAnomalies();
onForget(() => openAnomalies.clear());
