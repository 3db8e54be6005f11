import type { Messages } from '../zh-CN';

export const cards: Messages['cards'] = {
	choose: (name: string) => `Choose ${name}`,
	all: 'All',
	chooseAll: 'All on this page',
	chosen: (count: number) => `${count} chosen`,
	none: 'Tick the people in the list who are to have a card.',
	clear: 'Choose nobody',
	print: 'Print learner cards',
	sure: (count: number) =>
		count === 1 ? 'Print 1 learner card?' : `Print learner cards for ${count} people?`,
	sureOne: (name: string) => `Print a learner card for ${name}?`,
	void: 'The cards they have become void at once and must be replaced. The PIN stays.',
	sheet: 'Ten cards on a sheet of A4, saved as a PDF.',
	file: (count: number) => `learner-cards-${count}.pdf`,
	done: (count: number) =>
		`${count} learner ${count === 1 ? 'card is' : 'cards are'} ready: the PDF has been saved on this computer. Open it to print.`,
	handOver: 'Who uses a card for the first time also needs a one-time code, to set a PIN.',
};
