import type { Messages } from '../zh-CN';

export const anomalies: Messages['anomalies'] = {
	title: 'Out of the ordinary',
	intro:
		'Every night registrations, learning and awards are looked at for what is unusual. Unusual need not be wrong: ask first, then settle it with a note.',
	searchedAt: (time: string) => `Last looked at: ${time}.`,
	neverSearched: 'Nothing has been looked at yet.',
	search: 'Look again now',
	searching: 'Looking…',
	searchFailed:
		'This search did not succeed. Look again in a while; if it fails again, tell whoever runs the system.',
	searched: 'Done; below is what stands now.',
	show: 'Show',
	statuses: { open: 'Open', settled: 'Settled' },
	counted: (name: string, count: number) => `${name} (${count})`,
	kind: 'What sort',
	everyKind: 'All',
	kinds: {
		shared_telephone: 'One telephone for many people',
		equal_traces: 'Watched in exactly the same way',
		unusual_awards: 'Far more awarded than usual',
		awards_outside_hours: 'Awarded at night',
		attendance_above_room: 'More people than seats',
	},
	none: { open: 'Nothing is open.', settled: 'Nothing has been settled yet.' },
	found: (day: string) => `found on ${day}`,
	toCourse: (title: string) => `See the course with this lesson: ${title}`,
	toVenue: (branch: string, name: string, seats: string) =>
		`Venue: “${name}” of ${branch}, which seated ${seats} when this was found`,
	person: (name: string, number: string) => `${name} (${number})`,
	unlisted: (count: number) =>
		`${count} more are not listed: there are too many, or they have left or were joined with another record.`,
	batch: (time: string, people: number, amount: string, unit: string) =>
		`${time}: ${amount} ${unit} altogether to ${people} people`,
	reason: 'What for',
	awardedBy: (who: string) => `Awarded by ${who}`,
	forgotten: '(forgotten)',
	reversed: (count: number) => `From ${count} of them it was taken back.`,
	own: 'You have awarded this yourself. Another admin has to settle it.',
	settle: 'Settle',
	settleTitle: 'Write what came of it, and settle it',
	note: 'What came of it',
	noteHint:
		'For example: registered by a neighbour for some old people, checked by telephone. At most 500 characters.',
	noteMissing: 'Write what came of it',
	noteTooLong: 'At most 500 characters: shorten it',
	settled: 'Settled. Whatever is new about it will be listed by itself.',
	settledBy: (who: string, day: string) => `Settled by ${who} on ${day}`,
	reopen: 'Take back',
	reopened: 'Taken back: it is open again.',
};
