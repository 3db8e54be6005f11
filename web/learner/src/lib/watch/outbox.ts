import { answer, api } from '@changqing/shared/api/client';
import { ApiError } from '@changqing/shared/api/problem';
import { session } from '@changqing/shared/api/session.svelte';
import type { Progress } from '@changqing/shared/api/types';
import { recall, remember } from '@changqing/shared/preferences.svelte';
import type { Interval } from './tracker';

const storageKey = 'changqing.watched';
/** Reports kept at most; a viewing is one report, however long it waits. */
const capacity = 100;

/** What was watched in one viewing and the server has not confirmed. */
interface Report {
	account: string;
	lesson: string;
	viewing: string;
	position: number;
	watched: Interval[];
}

/** What became of a report. */
export type Delivery =
	| { outcome: 'counted'; progress: Progress }
	| { outcome: 'waiting' }
	| { outcome: 'refused'; error: ApiError };

/** The reports as text, for browsers that keep nothing. */
let memory: string | null = null;

function read(): Report[] {
	const kept = recall(storageKey) ?? memory;
	if (kept === null) return [];
	try {
		const reports: unknown = JSON.parse(kept);
		return Array.isArray(reports) ? (reports as Report[]) : [];
	} catch {
		// Somebody else wrote here; there is nothing to save.
		return [];
	}
}

function write(reports: Report[]): void {
	memory = reports.length === 0 ? null : JSON.stringify(reports.slice(-capacity));
	remember(storageKey, memory);
}

/** Writes down what was watched before it is sent, so that nothing is lost on the way. */
export function note(lesson: string, viewing: string, position: number, watched: Interval[]): void {
	const account = session.account?.id;
	if (account === undefined) return;
	const reports = read();
	const same = reports.find((one) => one.viewing === viewing && one.account === account);
	if (same) {
		same.position = position;
		same.watched.push(...watched);
	} else {
		reports.push({ account, lesson, viewing, position, watched });
	}
	write(reports);
}

/** Forgets what the server has confirmed; what was noted in the meantime stays. */
function settle(sent: Report): void {
	const reports = read();
	const same = reports.find((one) => one.viewing === sent.viewing && one.account === sent.account);
	if (!same) return;
	same.watched = same.watched.slice(sent.watched.length);
	write(reports.filter((one) => one.watched.length > 0));
}

function body(report: Report) {
	return { viewing_id: report.viewing, position: report.position, watched: report.watched };
}

async function send(report: Report): Promise<Delivery> {
	try {
		const progress = await answer(
			api.PUT('/api/v1/lessons/{id}/progress', {
				params: { path: { id: report.lesson } },
				body: body(report),
			}),
		);
		settle(report);
		return { outcome: 'counted', progress };
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		const later = error.status === 0 || error.status === 401 || error.status === 429;
		if (later || error.status >= 500) return { outcome: 'waiting' };
		settle(report);
		return { outcome: 'refused', error };
	}
}

let sending: Promise<Map<string, Delivery>> | null = null;

/**
 * Sends everything this account has waiting, one caller after the other, so that what was noted
 * while another was sending goes out too. Answers by viewing what this call itself has sent.
 */
export async function deliver(): Promise<Map<string, Delivery>> {
	while (sending) await sending;
	sending = deliverAll().finally(() => {
		sending = null;
	});
	return sending;
}

async function deliverAll(): Promise<Map<string, Delivery>> {
	const deliveries = new Map<string, Delivery>();
	for (const report of read()) {
		if (report.account !== session.account?.id) continue;
		const delivery = await send(report);
		deliveries.set(report.viewing, delivery);
		if (delivery.outcome === 'waiting') break;
	}
	return deliveries;
}

/**
 * Sends one viewing while the page closes, without waiting for an answer. It stays noted: sent
 * again later, it counts once all the same.
 */
export function deliverInPassing(viewing: string): void {
	const token = session.tokenInHand;
	const report = read().find((one) => one.viewing === viewing);
	if (token === null || !report) return;
	void fetch(`/api/v1/lessons/${encodeURIComponent(report.lesson)}/progress`, {
		method: 'PUT',
		keepalive: true,
		headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
		body: JSON.stringify(body(report)),
	}).catch(() => {
		// The page is gone and the report is noted: the next page sends it.
	});
}
