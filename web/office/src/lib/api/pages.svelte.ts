import type { ApiError } from '@changqing/shared/api/problem';
import { attempt } from './attempt';
import type { Page } from './lists';

/** A list that comes page by page. What it had stays while more, or something else, is fetched. */
export class Pages<Item> {
	items = $state.raw<Item[] | null>(null);
	/** Where the next page starts; `null` on the last. */
	next = $state<string | null>(null);
	failure = $state.raw<ApiError | null>(null);
	/** Answers that are overtaken by a later question are dropped. */
	#turn = 0;
	/** Where the page starts that was asked for last. */
	#asked: string | undefined;
	readonly #fetch: (cursor: string | undefined) => Promise<Page<Item>>;

	constructor(fetch: (cursor: string | undefined) => Promise<Page<Item>>) {
		this.#fetch = fetch;
	}

	/** The first page, in place of what is shown. */
	restart(): Promise<void> {
		// What is shown until then may be of another search: nothing is appended to it any more.
		this.next = null;
		return this.#load(undefined);
	}

	/** One page more. */
	more(): Promise<void> {
		return this.#load(this.next ?? undefined);
	}

	/** What was asked for last, once more. */
	retry(): Promise<void> {
		return this.#load(this.#asked);
	}

	async #load(cursor: string | undefined): Promise<void> {
		const mine = ++this.#turn;
		this.#asked = cursor;
		const refusal = await attempt(async () => {
			const page = await this.#fetch(cursor);
			if (mine !== this.#turn) return;
			this.items = cursor === undefined ? page.items : [...(this.items ?? []), ...page.items];
			this.next = page.next_cursor ?? null;
		});
		if (mine === this.#turn) this.failure = refusal;
	}
}
