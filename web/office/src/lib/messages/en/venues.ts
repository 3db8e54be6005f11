import type { Messages } from '../zh-CN';

export const venues: Messages['venues'] = {
	title: 'Venues',
	intro:
		'The rooms for lessons and events, with their seats. An award that names its venue warns when there are more people than seats, and is listed as out of the ordinary.',
	none: 'There are no venues yet. Add the first one below.',
	of: 'Venues of',
	everyBranch: 'All schools',
	seats: (seats) => `Seats ${seats}`,
	add: 'Add a venue',
	addIt: 'Add',
	branch: 'Whose venue',
	name: 'Name of the venue',
	nameHint: 'For example: lecture hall, 3rd floor. At most 60 characters.',
	nameMissing: 'Enter the name of the venue',
	seatsLabel: 'Seats',
	seatsHint: 'How many find a seat: from 1 to 10000.',
	seatsInvalid: 'Enter a whole number from 1 to 10000',
	change: 'Change',
	save: 'Save',
	cancel: 'Leave it as it was',
	close: 'Close',
	closeTitle: 'Close this venue',
	closeBody: 'It cannot be chosen for awards any more. What names it already stays.',
	added: (name, branch) => `“${name}” of ${branch} was added.`,
	changed: (name) => `“${name}” was changed.`,
	closed: (name) => `“${name}” was closed.`,
};
