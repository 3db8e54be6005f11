/** The questions in their order; `done` follows when the account exists. */
export const steps = [
	'name',
	'birth-date',
	'contact',
	'branch',
	'groups',
	'password',
	'consent',
	'check',
] as const;

export type Step = (typeof steps)[number];
