import { words } from '../messages/shared';
import type { components } from './schema';

/** An `application/problem+json` answer (RFC 9457). */
export type Problem = components['schemas']['Problem'] & {
	/** For `second_factor_required`: what the second step refers to. */
	challenge?: string;
	/** For `storage_quota_exceeded`: the bytes that are left. */
	left_bytes?: number;
	/** For `resident_exists` at the desk: the record, where it is of one's own branches. */
	resident?: components['schemas']['Resident'] | null;
} & RosterSpecifics;

/** What a refused roster is told besides. */
export interface RosterSpecifics {
	/** For `roster_unsupported_format`: what the file is, in each language. */
	found?: { 'zh-CN': string; en: string };
	/** For `roster_not_a_roster`: the columns that its best header lacks. */
	missing_columns?: { field: string; label: string }[];
}

/** A refusal or failure of a call, with words for the reader in `message`. */
export class ApiError extends Error {
	/** HTTP status; 0 when no answer came. */
	readonly status: number;
	/** Stable machine-read code; `offline` when no answer came. */
	readonly code: string;
	/** The whole answer, when it was a problem document. */
	readonly problem: Problem | null;
	/** Seconds until it may be tried again; 0 when the answer did not say. */
	readonly retryAfter: number;

	constructor(status: number, problem: Problem | null, retryAfter = 0) {
		super(problemText(status, problem));
		this.name = 'ApiError';
		this.status = status;
		this.code = problem?.code ?? (status === 0 ? 'offline' : 'unknown');
		this.problem = problem;
		this.retryAfter = retryAfter;
	}

	/** The words for one field, or `null` when the answer does not complain about it. */
	field(name: string): string | null {
		return this.problem?.errors?.find((error) => error.field === name)?.detail ?? null;
	}
}

function problemText(status: number, problem: Problem | null): string {
	const text = words().problems;
	if (status === 0) return text.offline;
	if (status === 429) return text.tooMany;
	if (problem?.detail) return problem.detail;
	if (status === 401) return text.unauthenticated;
	if (status === 403) return text.forbidden;
	if (status === 404) return text.notFound;
	return text.server;
}

/** Whether a parsed body is a problem document; proxies answer errors in other shapes. */
export function isProblem(body: unknown): body is Problem {
	return typeof body === 'object' && body !== null && 'code' in body && 'status' in body;
}

/** The refusal that an answer and its parsed body stand for. */
export function refusal(response: Response, body: unknown): ApiError {
	const wait = Number(response.headers.get('Retry-After'));
	return new ApiError(response.status, isProblem(body) ? body : null, wait);
}
