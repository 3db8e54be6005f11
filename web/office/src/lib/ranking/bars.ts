import type { RankingItem } from '../api/types';
import type { Bar } from './BarChart.svelte';
import { figure } from './figures';

/** The schools of a ranking as bars; `own` is marked, `unknown` stands for a value that cannot be known. */
export function barsOf(items: RankingItem[], own: string | null, unknown: string): Bar[] {
	return items.map((item) => ({
		id: item.branch_id,
		label: item.name,
		lead: item.rank === null ? '–' : String(item.rank),
		value: item.value,
		words: figure(item.value, unknown),
		part: item.late ?? 0,
		highlighted: item.branch_id === own,
	}));
}
