import { text } from './messages';
import { draft } from './draft.svelte';
import { type Step } from './steps';
import { halfWidth } from './normal-forms';

/** Something to put right: the id of the field and the words. */
export interface Fault {
	field: string;
	message: string;
}

const checks: Record<Step, () => Fault[]> = {
	name: () => missing('name', draft.answers.name, text().name.missing),
	'birth-date': checkBirthDate,
	contact: checkContact,
	branch: () => missing('branch', draft.answers.branch, text().branch.missing),
	groups: () => [],
	password: () =>
		[...draft.password].length < 8 ? [{ field: 'password', message: text().password.short }] : [],
	consent: () => missing('consent', draft.answers.consent, text().consent.missing),
	check: () => [],
};

/** What is wrong with the answer to one question. */
export function faultsOf(step: Step): Fault[] {
	return checks[step]();
}

function missing(field: string, value: string | string[], message: string): Fault[] {
	const empty = typeof value === 'string' ? value.trim() === '' : value.length === 0;
	return empty ? [{ field, message }] : [];
}

function checkBirthDate(): Fault[] {
	const words = text().birthDate;
	for (const part of ['year', 'month', 'day'] as const) {
		if (draft.answers[part].trim() === '') return [{ field: part, message: words.missing }];
	}
	if (draft.birthDate !== null) return [];
	return [{ field: doubtfulPart(), message: words.wrong }];
}

/** The part of a birth date that most likely is the wrong one. */
function doubtfulPart(): string {
	const month = Number(halfWidth(draft.answers.month));
	if (!(month >= 1 && month <= 12)) return 'month';
	const day = Number(halfWidth(draft.answers.day));
	if (!(day >= 1 && day <= 28)) return 'day';
	return 'year';
}

function checkContact(): Fault[] {
	const words = text().contact;
	const phone = halfWidth(draft.answers.phone).replace(/[\s-]/g, '');
	const email = halfWidth(draft.answers.email);
	const faults: Fault[] = [];
	if (phone === '' && email === '') faults.push({ field: 'phone', message: words.missing });
	if (phone !== '' && !/^(\+?86)?1\d{10}$/.test(phone))
		faults.push({ field: 'phone', message: words.phoneWrong });
	if (email !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
		faults.push({ field: 'email', message: words.emailWrong });
	return faults;
}
