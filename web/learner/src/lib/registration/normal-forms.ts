import type { Answers } from './draft.svelte';

/** Digits as half-width ones: Chinese keyboards also type full-width. */
export function halfWidth(text: string): string {
	return text.normalize('NFKC').trim();
}

/** `YYYY-MM-DD` of a day that exists, from 1900 to today; `null` for any other. */
export function birthDate({ year, month, day }: Pick<Answers, 'year' | 'month' | 'day'>) {
	const [y, m, d] = [year, month, day].map((part) => Number(halfWidth(part)));
	if (y === undefined || m === undefined || d === undefined) return null;
	if (![y, m, d].every(Number.isInteger) || y < 1900) return null;
	const date = new Date(Date.UTC(y, m - 1, d));
	const exists = date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
	return exists && date.getTime() < Date.now() ? date.toISOString().slice(0, 10) : null;
}
