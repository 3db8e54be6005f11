import { birthDate } from './normal-forms';
import type { Step } from './steps';

/** What has been answered, as it was typed. */
export interface Answers {
	name: string;
	year: string;
	month: string;
	day: string;
	phone: string;
	email: string;
	branch: string[];
	groups: string[];
	consent: string[];
}

const storageKey = 'changqing.registration';
const doneKey = 'changqing.registered';
const empty: Answers = {
	name: '',
	year: '',
	month: '',
	day: '',
	phone: '',
	email: '',
	branch: [],
	groups: [],
	consent: [],
};

/** What this tab keeps, or `null` where storage is blocked (and while prerendering). */
function kept(key: string): string | null {
	try {
		return sessionStorage.getItem(key);
	} catch {
		return null;
	}
}

function keptAnswers(): Answers {
	const text = kept(storageKey);
	return text === null ? { ...empty } : { ...empty, ...(JSON.parse(text) as Partial<Answers>) };
}

/**
 * A registration under way: it outlives a reload of this tab, but not the tab. The password lives
 * in memory only.
 */
class Draft {
	answers = $state<Answers>(keptAnswers());
	password = $state('');
	/** Refusals of the server by step, shown where they can be put right. */
	refusals = $state<Partial<Record<Step, string>>>({});
	/** The learner number of the account that was made. */
	learnerNumber = $state<string | null>(kept(doneKey));

	/** Keeps the answers for this tab. */
	keep(): void {
		try {
			sessionStorage.setItem(storageKey, JSON.stringify(this.answers));
			if (this.learnerNumber) sessionStorage.setItem(doneKey, this.learnerNumber);
		} catch {
			// Storage is blocked: memory holds them while the tab stays on these pages.
			return;
		}
	}

	/** Forgets everything but the learner number, once the account exists. */
	clear(): void {
		this.answers = { ...empty };
		this.password = '';
		this.refusals = {};
		this.keep();
	}

	/** The birth date as the API wants it, or `null` when there is no such day. */
	get birthDate(): string | null {
		return birthDate(this.answers);
	}
}

export const draft = new Draft();
