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
	helpers: {
		title: 'Helpers',
		intro:
			'With the learner here in person you can set up a helper for them, such as family or a volunteer. The helper uses an account of their own to see the learner’s credits, enrol them and fill in their details, and cannot touch their password.',
		arrange: 'Set up a helper',
		number: 'Learner number of the helper',
		numberHint: 'Eight digits, on the helper’s learner card',
		name: 'Name of the helper',
		nameHint: 'As it is on the card',
		length: 'For how long',
		lengthHint: 'It ends by itself, and the learner can end it earlier at any time.',
		months: { '1': '1 month', '3': '3 months', '6': 'Half a year', '12': 'A year' },
		consent: 'What the learner wants',
		agreed: 'The learner is here and has agreed',
		missing: {
			number: 'Enter the learner number of the helper',
			name: 'Enter the name of the helper',
			months: 'Choose for how long',
			consent: 'Ask the learner in person, and tick the box once they agree',
		},
		submit: 'Set up',
		busy: 'One moment…',
		cancel: 'Do not set up',
		arranged: (helper: string, person: string, until: string) =>
			`Done: ${helper} can help ${person} until ${until}.`,
		endAll: 'End all helpers',
		sureEnd: (person: string) => `${person} is here and wants no helpers any more?`,
		endMeans:
			'From now on no helper sees their learning or can do anything for them. If they want help again, set it up anew.',
		ended: (person: string) => `Done: nobody is helping ${person} now.`,
	},
	ending: {
		title: 'End the registration',
		intro:
			'For somebody who asks for it, or whose guardian does, who has died, or who was registered by mistake. For somebody who moves house use “Move to another branch”; for somebody registered twice, “Duplicates”.',
		means: (name: string) =>
			`The name, telephone, ID number, account and learner cards of ${name} are erased and cannot be brought back. Figures already reported stay as they are, without a name.`,
		reason: 'Why it ends',
		reasonMissing: 'Choose why it ends',
		reasons: {
			asked: 'They asked for it',
			guardian_asked: 'Their guardian asked for it',
			deceased: 'They have died',
			registered_by_mistake: 'Registered by mistake',
		},
		name: 'Write the learner’s name once more',
		nameHint: 'This cannot be undone; writing the name makes sure it is the right person.',
		nameDiffers: (name: string) => `Write “${name}”, as it is on record`,
		ended: 'Done: the registration has ended and who it was about is erased.',
	},
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
