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

function kept(): Answers {
	try {
		const text = sessionStorage.getItem(storageKey);
		return text === null ? { ...empty } : { ...empty, ...(JSON.parse(text) as Partial<Answers>) };
	} catch {
		// Storage is blocked or holds something else: start afresh.
		return { ...empty };
	}
}

/**
 * A registration under way: it outlives a reload of this tab, but not the tab. The password lives
 * in memory only.
 */
class Draft {
	answers = $state<Answers>(kept());
	password = $state('');
	/** Refusals of the server by step, shown where they can be put right. */
	refusals = $state<Partial<Record<Step, string>>>({});
	/** The learner number of the account that was made. */
	learnerNumber = $state<string | null>(null);

	/** Keeps the answers for this tab. */
	keep(): void {
		try {
			sessionStorage.setItem(storageKey, JSON.stringify(this.answers));
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
