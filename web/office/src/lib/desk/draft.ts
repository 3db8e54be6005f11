import type { DeskRegistrationInput } from '$lib/api/types';

/** What is typed at the desk. */
export interface Draft {
	branchId: string;
	name: string;
	birthDate: string;
	phone: string;
	idNumber: string;
	groups: string[];
	/** The version that was read aloud, once agreed to. */
	consent: string[];
	guardian: { name: string; phone: string; relation: string; consent: string[] };
}

/** Under this age a guardian has to agree. */
const guardianAge = 14;

export function newDraft(branchId: string): Draft {
	return {
		branchId,
		name: '',
		birthDate: '',
		phone: '',
		idNumber: '',
		groups: [],
		consent: [],
		guardian: { name: '', phone: '', relation: '', consent: [] },
	};
}

/** The day somebody was born as `YYYYMMDD`, as it was typed or stands in the ID number; else `null`. */
function born({ birthDate, idNumber }: Draft): string | null {
	const plain = birthDate.normalize('NFKC').trim();
	const parts = /^(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(plain);
	if (parts) return [parts[1], parts[2]?.padStart(2, '0'), parts[3]?.padStart(2, '0')].join('');
	if (/^\d{8}$/.test(plain)) return plain;
	const number = /^\d{6}(\d{8})\d{3}[\dXx]$/.exec(idNumber.normalize('NFKC').trim());
	return plain === '' ? (number?.[1] ?? null) : null;
}

/** Whether a guardian has to be there. `today`: the server's day, `YYYY-MM-DD`. */
export function isChild(draft: Draft, today: string): boolean {
	const day = born(draft);
	if (day === null) return false;
	const now = Number(today.replaceAll('-', ''));
	return Number(day) <= now && now - Number(day) < guardianAge * 10_000;
}

/** The draft as the server takes it. */
export function inputOf(draft: Draft, child: boolean): DeskRegistrationInput {
	const agreed = (given: string[]) => ({ version: given[0] ?? '', read_aloud: given.length > 0 });
	const { guardian } = draft;
	return {
		name: draft.name.trim(),
		birth_date: draft.birthDate.trim(),
		phone: draft.phone.trim(),
		id_number: draft.idNumber.trim(),
		groups: draft.groups,
		consent: agreed(draft.consent),
		...(child
			? {
					guardian: {
						name: guardian.name.trim(),
						phone: guardian.phone.trim(),
						relation: guardian.relation,
						consent: agreed(guardian.consent),
					},
				}
			: {}),
	};
}
