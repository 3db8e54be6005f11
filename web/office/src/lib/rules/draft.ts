import type { CreditRule, CreditRuleInput } from '$lib/api/types';

/** A rule as it stands in the form: every field is text. */
export interface Draft {
	code: string | null;
	name_zh: string;
	name_en: string;
	earns: string;
	unit: string;
	amount: string;
	per_minutes: string;
	multiplier: string;
	day_cap: string;
	month_cap: string;
	year_cap: string;
	source_cap: string;
	target_group: string;
	branch_id: string;
	valid_from: string;
	valid_to: string;
}

/** An empty rule, or the next version of one, from `today` on. */
export function draftOf(today: string, before?: CreditRule): Draft {
	return {
		code: before?.code ?? null,
		name_zh: before?.name_zh ?? '',
		name_en: before?.name_en ?? '',
		earns: before?.earns ?? 'minutes',
		unit: before?.unit ?? 'point',
		amount: before?.amount ?? '',
		per_minutes: before?.per_minutes?.toString() ?? (before ? '' : '10'),
		// What has been stopped is taken up again as it was before.
		multiplier: (before?.multiplier || 100).toString(),
		day_cap: before?.day_cap ?? '',
		month_cap: before?.month_cap ?? '',
		year_cap: before?.year_cap ?? '',
		source_cap: before?.source_cap ?? '',
		target_group: before?.target_group ?? '',
		branch_id: before?.branch_id ?? '',
		valid_from: today,
		valid_to: '',
	};
}

const orNull = (typed: string): string | null => typed.trim() || null;

/** What is sent: empty fields are left out of account, numbers are numbers. */
export function inputOf(draft: Draft): CreditRuleInput {
	return {
		...draft,
		name_zh: draft.name_zh.trim(),
		name_en: draft.name_en.trim(),
		amount: orNull(draft.amount),
		per_minutes: draft.earns === 'minutes' ? Math.trunc(Number(draft.per_minutes) || 0) : null,
		multiplier: Math.trunc(Number(draft.multiplier) || 0),
		day_cap: orNull(draft.day_cap),
		month_cap: orNull(draft.month_cap),
		year_cap: orNull(draft.year_cap),
		source_cap: orNull(draft.source_cap),
		target_group: orNull(draft.target_group),
		branch_id: orNull(draft.branch_id),
		valid_to: orNull(draft.valid_to),
	};
}
