import type { Messages } from '../zh-CN';

export const overview: Messages['overview'] = {
	year: 'The figures of twelve months',
	gapsTitle: 'Where the gaps are',
	noGaps: 'In the lead with all of these. Keep it up.',
	nothingToCompare: 'There is nothing to compare at the moment.',
	gaps: {
		new_registrations: (gap) => `${gap} more registrations to draw level with the next`,
		total_registrations: (gap) => `${gap} more on record to draw level with the next`,
		registrations_per_1000: (gap) => `${gap} more per 1,000 people to draw level with the next`,
		active_learners: (gap) => `${gap} more learners to draw level with the next`,
		learning_hours: (gap) => `${gap} more hours to draw level with the next`,
		completions: (gap) => `${gap} more courses finished to draw level with the next`,
		credits: (gap) => `${gap} more credits to draw level with the next`,
		credits_per_1000: (gap) => `${gap} more credits per 1,000 people to draw level with the next`,
		attendances: (gap) => `${gap} more attendances to draw level with the next`,
		trained: (gap) => `${gap} more people taught this year to draw level with the next`,
		training_rate: (gap) => `${gap} points more of training rate to draw level with the next`,
	},
	toTarget: (people, target) =>
		`Training rate: ${people} more ${people === 1 ? 'person' : 'people'} to ${target}`,
	whom: 'See who has not learned yet',
	todoTitle: 'Waiting for you',
	nothingToDo: 'Nothing to do at the moment.',
	questions: (count) =>
		`${count} ${count === 1 ? 'question waits' : 'questions wait'} for an answer`,
	unregistered: 'Nobody has been registered this month yet: import your roster',
};
