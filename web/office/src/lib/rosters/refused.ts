import type { RosterSpecifics } from '@changqing/shared/api/problem';
import { preferences } from '@changqing/shared/preferences.svelte';
import { text } from '$lib/messages';

/** What a refused file is, or what its header lacks, where the server has said so. */
export function whatItIs(
	said: ({ code: string } & RosterSpecifics) | null | undefined,
): string | null {
	if (said?.found) return text().rosters.found(said.found[preferences.language]);
	const missing = said?.missing_columns ?? [];
	if (missing.length === 0) return null;
	return text().rosters.missing(missing.map((column) => column.label).join(text().rosters.and));
}
