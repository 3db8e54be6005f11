/** A page of a list. */
export interface Page<T> {
	items: T[];
	next_cursor?: string | null | undefined;
}

/** Fetches every page of a list that is known to be short. */
export async function everyPage<T>(
	fetchPage: (cursor: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | undefined;
	do {
		const page = await fetchPage(cursor);
		items.push(...page.items);
		cursor = page.next_cursor ?? undefined;
	} while (cursor !== undefined);
	return items;
}
