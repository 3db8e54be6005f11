import type { Messages } from '../zh-CN';

export const person: Messages['person'] = {
	title: 'Learner',
	back: 'Back to the list',
	birthDate: 'Date of birth',
	idNumber: 'ID number',
	noIdNumber: 'None on record',
	move: 'Move to another branch',
	moveIntro:
		'What was registered and earned before stays with the old branch; from this day on the person counts at the new one. After the move only the new branch sees this learner.',
	toBranch: 'To which branch',
	movedOn: 'From which day',
	movedOnHint: 'Today, or a day of a month that is not closed.',
	branchMissing: 'Choose the branch',
	dayInvalid: 'Choose today or an earlier day',
	submit: 'Move',
	cancel: 'Do not move',
	history: 'Moves',
	noMoves: 'No moves so far.',
	wentFrom: (day: string, from: string, to: string) => `${day}: from ${from} to ${to}`,
	moved: (name: string, branch: string, day: string) =>
		`${name} belongs to ${branch} from ${day} on.`,
	gone: 'The learner belongs to the new branch now and is not shown here any more. To change that, ask the new branch or the street centre.',
};

export const disclosure: Messages['disclosure'] = {
	telephone: 'Show telephone',
	telephoneOf: (name: string) =>
		`Show the whole telephone number of ${name}? Who saw it and why is kept in the audit.`,
	open: 'Show details in full',
	of: (name: string) =>
		`What do you need to see of ${name}? Only look at what you need. Who saw it and why is kept in the audit.`,
	field: 'What to show',
	fields: {
		phone: 'Telephone',
		id_number: 'ID number',
		guardian_name: 'Guardian’s name',
		guardian_phone: 'Guardian’s telephone',
	},
	fieldMissing: 'Choose what to show',
	reason: 'Why you need it',
	reasonHint: 'For example: to tell them that tomorrow’s lesson is cancelled',
	reasonMissing: 'Say why you need it, in two characters at least',
	submit: 'Show',
	shown: (name: string, what: string) => `${name}, ${what}: `,
	none: (name: string, what: string) => `${name}, ${what}: none on record.`,
	noTelephone: 'No telephone on record',
};
