import type { Messages } from '../zh-CN';

export const street: Messages['street'] = {
	title: 'The whole street',
	targets: 'Targets of the year and progress',
	targetsHint:
		'“Due” is what there should be by the end of this month on a straight line through the year; “at this pace” is about what there will be at its end.',
	setTargets: 'Set targets, populations and weights',
	missing: (month: string) => `Schools without a registration in ${month}`,
	nobodyMissing: 'Every school has registered somebody.',
	composite: 'Composite rank',
	compositeHint:
		'Each part is the school’s figure, divided by the best school’s, times the weight. Together they make at most 100 points.',
	points: 'Points',
	weight: (weight: number) => ` (${weight})`,
	nobody: 'No school has any yet: no points',
	sum: (value: string, best: string, weight: number, points: string) =>
		`${value} ÷ ${best} × ${weight} = ${points}`,
	columns: {
		name: 'School',
		value: 'Now',
		expected: 'Due',
		target: 'Target',
		forecast: 'At this pace',
		state: 'What is missing',
	},
	noTarget: 'No target',
	reached: 'Reached',
	gap: (people: number, target: string) =>
		`${people} more ${people === 1 ? 'person' : 'people'} to ${target}`,
	onTheWay: 'on schedule',
	behind: 'behind schedule',
	call: 'Who has not learned yet',
	callTitle: 'Residents who have not learned yet',
	callHint:
		'Residents who have not learned once this year, up to the month chosen. Telephones are masked: open a person, give a reason, and see it in full.',
	toCall: (total: number, month: string) => `${total} have not learned by ${month}.`,
	nobodyToCall: 'Nobody is on record here, or everybody has learned this year.',
	person: 'Name',
	telephone: 'Telephone',
	noTelephone: 'No telephone',
};

export const targets: Messages['targets'] = {
	title: 'Targets and weights',
	hint: 'What each school is to reach by the end of the year. Leave empty for no target. Months that are closed keep the targets they had.',
	year: 'Year',
	more: 'More than last year',
	copy: 'Fill in from last year',
	copied: 'Filled in. Look through it, then save.',
	nothingBefore: 'There were no targets last year.',
	invalid: 'Enter a number with two decimals at most',
	save: 'Save targets',
	saved: 'The targets are saved.',
	populations: 'People by group',
	populationsHint:
		'The training rate of a group is taken from these. Leave empty what is not known.',
	peopleInvalid: 'Enter a whole number above 0',
	savePeople: 'Save people',
	peopleSaved: (branch: string) => `The people of ${branch} are saved.`,
	weights: 'Weights of the composite rank',
	weightsHint: 'How much each figure counts; together 100. Enter 0 for those that do not.',
	sum: (sum: number) => `Together ${sum}`,
	saveWeights: 'Save weights',
	weightsSaved: 'The weights are saved.',
};
