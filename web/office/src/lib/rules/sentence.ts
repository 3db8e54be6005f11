import { formatCredits, formatNumber } from '@changqing/shared/format';
import type { CreditRule } from '$lib/api/types';
import { text, wordsFor } from '$lib/messages';

/** What a rule says besides its dates. */
export type Terms = Pick<
	CreditRule,
	| 'earns'
	| 'unit'
	| 'amount'
	| 'per_minutes'
	| 'multiplier'
	| 'day_cap'
	| 'month_cap'
	| 'year_cap'
	| 'source_cap'
	| 'target_group'
	| 'branch_id'
>;

/** A rule as one says it. `groupName` and `branchName` tell what a group and a school are called. */
export function sentence(
	terms: Terms,
	groupName: (code: string) => string,
	branchName: (id: string) => string,
): string {
	const words = text().rules;
	if (terms.multiplier === 0) return words.givesNothing;
	const unit = wordsFor(words.units, terms.unit);
	const what =
		terms.per_minutes === null
			? wordsFor(words.earns, terms.earns)
			: words.perMinutes(terms.per_minutes);
	const byHand = terms.earns === 'award' || terms.earns === 'recognition';
	let gets = byHand ? words.getsSaid(what, unit) : words.getsWorth(what, unit);
	if (terms.amount !== null) gets = words.gets(what, formatCredits(terms.amount), unit);
	if (terms.multiplier !== 100) gets += words.times(formatNumber(terms.multiplier / 100));
	const caps = [
		['day', terms.day_cap],
		['month', terms.month_cap],
		['year', terms.year_cap],
		['source', terms.source_cap],
	] as const;
	const said = caps.flatMap(([period, cap]) =>
		cap === null ? [] : [words.caps[period](formatCredits(cap))],
	);
	const whom = [
		...(terms.target_group === null ? [] : [words.forGroup(groupName(terms.target_group))]),
		...(terms.branch_id === null ? [] : [words.forBranch(branchName(terms.branch_id))]),
	];
	return [gets, ...said, ...whom].join(words.stop);
}
