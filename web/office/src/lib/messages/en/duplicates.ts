import type { Messages } from '../zh-CN';

export const duplicates: Messages['duplicates'] = {
	title: 'Duplicates',
	intro:
		'These records may be of one person who was registered twice. Check each pair: merge the two if it is one person, or say that it is not, and the pair is not shown again.',
	none: 'No duplicates were found.',
	pair: (first: string, second: string) => `${first} and ${second}`,
	first: 'Record one',
	second: 'Record two',
	differs: ' (not the same)',
	idNumber: 'ID number',
	reasons: {
		same_id_number: 'Same ID number',
		same_name_alike_birth_date: 'Same name, birth dates almost the same',
		alike_name_same_phone: 'Same telephone, names the same or alike',
	},
	keepFirst: 'Merge, keep record one',
	keepSecond: 'Merge, keep record two',
	keepName: (record: string, name: string) => `Merge, keep ${record}: ${name}`,
	dismiss: 'Not the same person',
	mergeTitle: 'Merge into one person',
	merge: 'Merge',
	sure: (kept: string, keptNumber: string, other: string, otherNumber: string) =>
		`Keep ${kept} (${keptNumber}) and join ${other} (${otherNumber}) to it?`,
	stays: 'The record that stays:',
	joins: 'The record that joins it:',
	holds: (credits: string, points: number, enrollments: number, completions: number) =>
		`${credits} credits, ${points} points, ${enrollments} courses, ${completions} of them finished.`,
	withAccount: 'With an account.',
	withoutAccount: 'Without an account.',
	canUndo:
		'Both learner numbers and both accounts go on working. A wrong merge can be undone, and nothing is lost.',
	merged: (kept: string, other: string) => `${other} was joined to ${kept}: one person now.`,
	dismissed: (first: string, second: string) =>
		`Noted: ${first} and ${second} are not the same person.`,
	sureApart: (first: string, second: string) =>
		`${first} and ${second} are not the same person? The pair is not shown again.`,
	done: 'Merged records',
	joined: (merged: string, mergedNumber: string, kept: string, keptNumber: string, at: string) =>
		`${merged} (${mergedNumber}) joined to ${kept} (${keptNumber}), ${at}`,
	undo: 'Undo the merge',
	sureUndo: (kept: string, merged: string) =>
		`${kept} and ${merged} will be two persons again, each with their own records. What was added since the merge stays with ${kept}.`,
	undone: (kept: string, merged: string) => `Undone: ${kept} and ${merged} are two persons again.`,
};
