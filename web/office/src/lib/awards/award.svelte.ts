import { answer, api } from '@changqing/shared/api/client';
import { IdempotencyKey, newIdempotencyKey } from '@changqing/shared/api/idempotency';
import { session } from '@changqing/shared/api/session.svelte';
import { recall, remember } from '@changqing/shared/preferences.svelte';
import type { AwardAnswer, AwardInput, ResidentReference } from '../api/types';
import { onForget } from '../staff/forget';
import { readList } from './list';

export type Unit = 'credit' | 'point';

/** A line of the list under examination. */
export interface Candidate {
	id: string;
	learner_number: string;
	name: string;
	/** Masked. */
	phone?: string | null;
	branch_id: string;
}

export interface CheckedLine {
	key: number;
	typed: string;
	reference: ResidentReference | null;
	/** As the server says, or `unreadable` where it was not asked. */
	status: string;
	candidates: Candidate[];
	/** The candidate a person chose, empty while none is. */
	chosen: string;
}

/** An award that was just made and may still be taken back from here. */
export interface MadeAward {
	batchId: string;
	accountId: string;
	people: number;
	amount: string;
	unit: Unit;
	/** Milliseconds since 1970. */
	madeAt: number;
	undone: boolean;
	/** It waits for another admin; nothing has been posted. */
	waiting?: boolean;
}

/** How long an award can be taken back from where it was made, milliseconds. */
export const undoWithin = 10 * 60_000;
const lastKey = 'changqing.office.last_award';

function recallLast(): MadeAward | null {
	const kept = recall(lastKey);
	if (kept === null) return null;
	try {
		return JSON.parse(kept) as MadeAward;
	} catch {
		// Something else wrote there: it is no award.
		return null;
	}
}

/** Whether a line may be awarded as it stands. */
export function isReady(line: CheckedLine): boolean {
	return line.status === 'found' || (line.status === 'ambiguous' && line.chosen !== '');
}

/** The form, the examined list and the last award. It outlives a look at another page. */
class AwardDesk {
	list = $state('');
	unit = $state<Unit>('credit');
	amount = $state('');
	reason = $state('');
	earnedOn = $state('');
	evidence = $state('listed');
	/** Where it was held; empty where that is not said. */
	venueId = $state('');
	lines = $state<CheckedLine[]>([]);
	/** How the venue would be filled, as the server said with the lines. */
	filled = $state.raw<AwardAnswer['venue']>(null);
	/** Whether `lines` belong to what the form says now. */
	examined = $state(false);
	last = $state<MadeAward | null>(recallLast());
	/** Counts up when something was posted in another way than by the form. */
	posted = $state(0);
	#key = new IdempotencyKey();

	/** The last award, if it is this account's. */
	get mine(): MadeAward | null {
		return this.last?.accountId === session.account?.id ? this.last : null;
	}

	#input(residents: ResidentReference[], dryRun: boolean): AwardInput {
		return {
			residents,
			unit: this.unit,
			amount: this.unit === 'credit' ? Number(this.amount).toFixed(2) : this.amount.trim(),
			reason: this.reason.trim(),
			earned_on: this.earnedOn,
			evidence: this.evidence,
			...(this.venueId === '' ? {} : { venue_id: this.venueId }),
			dry_run: dryRun,
		};
	}

	async #send(input: AwardInput, key: string): Promise<AwardAnswer> {
		return answer(
			api.POST('/api/v1/credit-awards', {
				params: { header: { 'Idempotency-Key': key } },
				body: input,
			}),
		);
	}

	/** Examines the pasted list; writes nothing. */
	async examine(): Promise<void> {
		const read: CheckedLine[] = readList(this.list).map((line, key) => ({
			key,
			...line,
			status: line.reference === null ? 'unreadable' : 'unknown',
			candidates: [],
			chosen: '',
		}));
		await this.#examineLines(read);
	}

	/** Examines the lines at hand once more, after some were dropped or a refusal. */
	async examineAgain(): Promise<void> {
		await this.#examineLines(this.lines);
	}

	async #examineLines(lines: CheckedLine[]): Promise<void> {
		const asked = lines.filter((line) => line.reference !== null);
		this.filled = null;
		if (asked.length > 0) {
			const references = asked.map((line) => this.#referenceOf(line));
			const answered = await this.#send(this.#input(references, true), newIdempotencyKey());
			this.filled = answered.venue ?? null;
			for (const row of answered.rows) {
				const line = asked[row.index];
				if (!line) continue;
				line.status = row.status;
				if (row.candidates.length > 0 && line.chosen === '') line.candidates = row.candidates;
			}
		}
		this.lines = lines;
		this.examined = true;
	}

	#referenceOf(line: CheckedLine): ResidentReference {
		return line.chosen !== '' ? { id: line.chosen } : (line.reference ?? {});
	}

	/** Somebody was registered for a line that named nobody. */
	settle(key: number, person: Candidate): void {
		this.lines = this.lines.map((line) =>
			line.key === key
				? { ...line, status: 'found', candidates: [person], chosen: person.id }
				: line,
		);
	}

	drop(key: number): void {
		this.lines = this.lines.filter((line) => line.key !== key);
	}

	dropUnready(): void {
		this.lines = this.lines.filter(isReady);
	}

	/** Awards to every line, or to none. */
	async award(): Promise<void> {
		const input = this.#input(
			this.lines.map((line) => this.#referenceOf(line)),
			false,
		);
		// The same list sent again after a lost answer keeps its key, and is awarded once.
		const answered = await this.#send(input, this.#key.for(input));
		const id = answered.batch_id ?? answered.proposal_id;
		if (id === null) return;
		this.#keep({
			batchId: id,
			waiting: answered.batch_id === null,
			accountId: session.account?.id ?? '',
			people: answered.rows.length,
			amount: this.amount.trim(),
			unit: this.unit,
			madeAt: Date.now(),
			undone: false,
		});
		this.clearForm();
	}

	/** The line by which a person stands in the list. */
	#lineOf(person: Candidate): string {
		return `${person.name} ${person.learner_number}`;
	}

	/** Puts a person into the list; answers `false` where they stand there already, by their learner number. */
	enlist(person: Candidate): boolean {
		const number = person.learner_number;
		if (readList(this.list).some((line) => line.reference?.learner_number === number)) return false;
		this.list = [this.list.trimEnd(), this.#lineOf(person)]
			.filter((line) => line !== '')
			.join('\n');
		return true;
	}

	/** Takes a person out of the list. */
	unlist(person: Candidate): void {
		const names = (line: string) =>
			readList(line).some((read) => read.reference?.learner_number === person.learner_number);
		this.list = this.list
			.split('\n')
			.filter((line) => !names(line))
			.join('\n');
	}

	/** The award of this batch was taken back elsewhere on the page. */
	wasUndone(batchId: string): void {
		if (this.last?.batchId === batchId) this.#keep({ ...this.last, undone: true });
	}

	/** Takes the last award back; without a reason it is an undo. */
	async undo(reason: string): Promise<void> {
		const made = this.last;
		if (made === null) return;
		await answer(
			api.POST('/api/v1/credit-awards/{id}/reversal', {
				params: {
					path: { id: made.batchId },
					header: { 'Idempotency-Key': this.#key.for([made.batchId, reason]) },
				},
				body: reason === '' ? {} : { reason },
			}),
		);
		this.#keep({ ...made, undone: true });
	}

	#keep(award: MadeAward | null): void {
		this.last = award;
		remember(lastKey, award === null ? null : JSON.stringify(award));
	}

	clearForm(): void {
		this.list = '';
		this.amount = '';
		this.reason = '';
		this.venueId = '';
		this.filled = null;
		this.lines = [];
		this.examined = false;
		this.#key = new IdempotencyKey();
	}

	/** Forgets the last award once it can no longer be taken back from here. */
	forgetOldAward(): void {
		if (this.last !== null && Date.now() > this.last.madeAt + undoWithin) this.#keep(null);
	}
}

export const awardDesk = new AwardDesk();
onForget(() => {
	awardDesk.clearForm();
	awardDesk.earnedOn = '';
});
