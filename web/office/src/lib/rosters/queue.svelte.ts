import { answer, api } from '@changqing/shared/api/client';
import { newIdempotencyKey } from '@changqing/shared/api/idempotency';
import type { ApiError } from '@changqing/shared/api/problem';
import type { Branch } from '@changqing/shared/api/types';
import { attempt } from '../api/attempt';
import type { RosterImport } from '../api/types';
import { uploadFile } from '../api/upload';
import { onForget } from '../staff/forget';
import { branchOfFile } from './guess';

/** How far a file has come; after `uploading` in the server's own words. */
export type Stage = 'choosing' | 'waiting' | 'uploading' | RosterImport['status'];

/** How often a long reading is asked after, milliseconds. */
const pollEvery = 1500;
let counter = 0;

/** One file on its way into the register, or an earlier import that was opened again. */
export class RosterItem {
	readonly key = `roster-${++counter}`;
	readonly file: File | null;
	readonly fileName: string;
	branchId = $state('');
	stage = $state<Stage>('choosing');
	/** Percent of the file that has been sent. */
	sent = $state(0);
	result = $state.raw<RosterImport | null>(null);
	registered = $state<number | null>(null);
	failure = $state.raw<ApiError | null>(null);
	removed = false;
	/** One for the whole life of the import, so that two taps confirm once. */
	readonly confirmationKey = newIdempotencyKey();

	constructor(file: File | null, fileName: string, branchId: string) {
		this.file = file;
		this.fileName = fileName;
		this.branchId = branchId;
	}

	/** How many people a confirmation registers, until it is done. */
	get importable(): number {
		const waiting = this.stage === 'staged' || this.stage === 'confirming';
		return waiting ? (this.result?.counts.ok ?? 0) : 0;
	}

	/** Takes what the server says about the import. */
	take(answered: RosterImport): void {
		this.result = answered;
		this.stage = answered.status;
		this.registered = answered.registered;
	}
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The files of this desk. It lives on while its person looks at other pages. */
class RosterQueue {
	items = $state<RosterItem[]>([]);
	#working = false;

	/** Puts files in; `branchId` empty means each file's name is to tell. */
	add(files: File[], branchId: string, branches: Branch[]): void {
		for (const file of files) {
			const branch = branchId || (branchOfFile(file.name, branches)?.id ?? '');
			const item = new RosterItem(file, file.name, branch);
			if (branch !== '') item.stage = 'waiting';
			this.items.push(item);
		}
		void this.#work();
	}

	/** Sends a file whose branch has been chosen, or that failed, on its way. */
	start(item: RosterItem): void {
		item.failure = null;
		item.sent = 0;
		item.stage = 'waiting';
		void this.#work();
	}

	/** Opens an earlier import to look at it or to confirm it. */
	async open(importId: string, fileName: string, branchId: string): Promise<ApiError | null> {
		const known = this.items.find((item) => item.result?.id === importId);
		if (known) return null;
		const item = new RosterItem(null, fileName, branchId);
		const failure = await attempt(async () => item.take(await this.#fetch(importId)));
		if (failure !== null) return failure;
		this.items.unshift(item);
		void this.#follow(item);
		return null;
	}

	remove(item: RosterItem): void {
		item.removed = true;
		this.items = this.items.filter((other) => other !== item);
	}

	clear(): void {
		for (const item of this.items) item.removed = true;
		this.items = [];
	}

	/** Whether a file is being sent, which leaving the site would cut off. */
	get sending(): boolean {
		return this.items.some((item) => item.stage === 'uploading' || item.stage === 'waiting');
	}

	/** Confirms a staged import; throws ApiError when the server refuses. */
	async confirm(item: RosterItem): Promise<void> {
		const id = item.result?.id;
		if (id === undefined) return;
		item.stage = 'confirming';
		item.failure = null;
		item.failure = await attempt(async () => {
			const done = await answer(
				api.POST('/api/v1/roster-imports/{id}/confirmation', {
					params: { path: { id }, header: { 'Idempotency-Key': item.confirmationKey } },
				}),
			);
			item.take(done);
			await this.#follow(item);
		});
		if (item.failure !== null) {
			if (item.stage === 'confirming') item.stage = 'staged';
			throw item.failure;
		}
	}

	/** One file after the other: the server's memory and the branch's line are both small. */
	async #work(): Promise<void> {
		if (this.#working) return;
		this.#working = true;
		try {
			for (;;) {
				const next = this.items.find((item) => item.stage === 'waiting');
				if (!next) return;
				await this.#send(next);
			}
		} finally {
			this.#working = false;
		}
	}

	async #send(item: RosterItem): Promise<void> {
		const file = item.file;
		if (file === null) return;
		item.stage = 'uploading';
		item.failure = await attempt(async () => {
			const answered = await uploadFile<RosterImport>(
				`/api/v1/branches/${encodeURIComponent(item.branchId)}/roster-imports`,
				file,
				(bytes) => (item.sent = file.size === 0 ? 100 : (bytes / file.size) * 100),
			);
			item.take(answered);
		});
		if (item.failure !== null) item.stage = 'failed';
		else void this.#follow(item);
	}

	/** Asks after an import that the server is still busy with, until it is not. */
	async #follow(item: RosterItem): Promise<void> {
		const id = item.result?.id;
		if (id === undefined) return;
		while (!item.removed && ['queued', 'reading', 'confirming'].includes(item.stage)) {
			await pause(pollEvery);
			if (item.removed) return;
			const failure = await attempt(async () => item.take(await this.#fetch(id)));
			// A line that is down for a moment is asked again; a refusal is an answer.
			if (failure !== null && failure.status !== 0 && failure.status !== 503) {
				item.failure = failure;
				item.stage = 'failed';
			}
		}
	}

	#fetch(id: string): Promise<RosterImport> {
		return answer(api.GET('/api/v1/roster-imports/{id}', { params: { path: { id } } }));
	}
}

export const rosterQueue = new RosterQueue();
onForget(() => rosterQueue.clear());
