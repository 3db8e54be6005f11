import { ApiError } from '@changqing/shared/api/problem';

/** Something fetched for a page: nothing yet, there, or failed with words for the reader. */
export class Loaded<T> {
	value = $state<T | null>(null);
	failure = $state<ApiError | null>(null);
	#turn = 0;

	/** Fetches anew. Of two answers the one asked for last counts, in whatever order they come. */
	async run(fetch: () => Promise<T>): Promise<void> {
		const turn = ++this.#turn;
		this.failure = null;
		try {
			const value = await fetch();
			if (turn === this.#turn) this.value = value;
		} catch (failure) {
			if (!(failure instanceof ApiError)) throw failure;
			if (turn === this.#turn) this.failure = failure;
		}
	}
}
