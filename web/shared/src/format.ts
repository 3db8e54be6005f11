import { preferences } from './preferences.svelte';

/** The civil time zone dates are shown in. */
export const timeZone = 'Asia/Shanghai';

/** A decimal string of credits without needless zeros: `"2.50"` → `2.5`. */
export function formatCredits(amount: string): string {
	return new Intl.NumberFormat(preferences.language, { maximumFractionDigits: 2 }).format(
		Number(amount),
	);
}

/** A number with the reader's separators and at most two decimals. */
export function formatNumber(value: number): string {
	return new Intl.NumberFormat(preferences.language, { maximumFractionDigits: 2 }).format(value);
}

/** A day in full, such as 2026年12月5日. */
export function formatDate(time: string): string {
	return new Intl.DateTimeFormat(preferences.language, {
		dateStyle: 'long',
		timeZone,
	}).format(new Date(time));
}

/** A day with hour and minute. */
export function formatDateTime(time: string): string {
	return new Intl.DateTimeFormat(preferences.language, {
		year: 'numeric',
		month: 'long',
		day: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		timeZone,
	}).format(new Date(time));
}

/** A month such as 2026年12月 from `2026-12`. */
export function formatMonth(month: string): string {
	return new Intl.DateTimeFormat(preferences.language, {
		year: 'numeric',
		month: 'long',
		timeZone,
	}).format(new Date(`${month}-15T12:00:00+08:00`));
}

/** A duration in whole minutes, at least one. */
export function wholeMinutes(seconds: number): number {
	return Math.max(1, Math.round(seconds / 60));
}
