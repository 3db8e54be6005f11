import { timeZone } from '@changqing/shared/format';

/** The day it is in the civil time zone on this device's clock, `YYYY-MM-DD`. */
export function deviceToday(): string {
	// Swedish writes dates as ISO 8601 does.
	return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());
}

/** The day after `day`, both `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
	const next = new Date(`${day}T12:00:00Z`);
	next.setUTCDate(next.getUTCDate() + 1);
	return next.toISOString().slice(0, 10);
}

/** The month `count` months before `month`, both `YYYY-MM`. */
export function monthBefore(month: string, count = 1): string {
	const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 - count;
	const year = Math.floor(months / 12);
	return `${String(year).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`;
}

/** `month` and the ones before it, newest first. */
export function monthsUpTo(month: string, count: number): string[] {
	return Array.from({ length: count }, (_, back) => monthBefore(month, back));
}
