import type { Messages } from '../zh-CN';

export const comparison: Messages['comparison'] = {
	title: 'Compare two schools',
	one: 'This school',
	other: 'The other school',
	same: 'Choose two different schools',
	difference: 'Difference',
	table: (month) => `The figures of two schools, ${month}`,
};

export const wall: Messages['wall'] = {
	title: 'Large screen',
	hint: 'The figure changes every 15 seconds. Go to full screen on the television; Esc leaves it.',
	fullScreen: 'Full screen',
	pause: 'Stay with this figure',
	resume: 'Go on changing',
	next: 'Next figure',
};
