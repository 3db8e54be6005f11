import { answer, api } from '@changqing/shared/api/client';
import { formatNumber } from '@changqing/shared/format';
import type { BranchReport, Ranking } from '../api/types';

/** Figures the schools are compared by. */
export const metrics = [
	'new_registrations',
	'total_registrations',
	'registrations_per_1000',
	'active_learners',
	'learning_hours',
	'completions',
	'credits',
	'credits_per_1000',
	'trained',
	'training_rate',
	'attendances',
] as const;

export type Metric = (typeof metrics)[number];

/** Reads a metric from an address; whatever else stands there means the first one. */
export function metricFrom(name: string | null): Metric {
	return metrics.find((metric) => metric === name) ?? metrics[0];
}

/** What of a figure is shown: credits by their evidence, people taught by their group. */
export interface Narrowing {
	evidence?: string | undefined;
	group?: string | undefined;
}

/** Grades of evidence, strongest first. */
export const grades = ['system', 'scanned', 'checked_in', 'listed', 'declared'] as const;

export const hasGrades = (metric: Metric): boolean =>
	metric === 'credits' || metric === 'credits_per_1000';
export const hasGroups = (metric: Metric): boolean =>
	metric === 'trained' || metric === 'training_rate';

/** Fetches one month's ranking by one figure. */
export function fetchRanking(
	month: string,
	metric: Metric,
	{ evidence, group }: Narrowing = {},
): Promise<Ranking> {
	const query = {
		metric,
		...(evidence && hasGrades(metric) ? { evidence } : {}),
		...(group && hasGroups(metric) ? { group } : {}),
	};
	return answer(
		api.GET('/api/v1/reports/months/{month}/ranking', { params: { path: { month }, query } }),
	);
}

/** Fetches every figure of one school, twelve months back. */
export function fetchReport(month: string, branch: string): Promise<BranchReport> {
	return answer(
		api.GET('/api/v1/reports/months/{month}/branches/{id}', {
			params: { path: { month, id: branch } },
		}),
	);
}

/** A figure in the reader's notation; `unknown` stands for one that cannot be known. */
export function figure(value: number | null | undefined, unknown: string): string {
	return value === null || value === undefined ? unknown : formatNumber(value);
}

/** A change with its sign, also when it is upwards. */
export function change(value: number | null | undefined, unknown: string): string {
	if (value === null || value === undefined) return unknown;
	if (value > 0) return `+${formatNumber(value)}`;
	return value < 0 ? `−${formatNumber(-value)}` : '0';
}
