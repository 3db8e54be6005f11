import type { Messages } from '../zh-CN';

export const people: Pick<Messages, 'people' | 'mail'> = {
	people: {
		title: 'People',
		search: 'Name, learner number or end of the telephone',
		searchHint: 'Its last four digits. Pinyin initials of the name work too, for example gxl',
		submit: 'Search',
		branch: 'School',
		everyBranch: 'All',
		columns: {
			number: 'Learner number',
			name: 'Name',
			phone: 'Telephone',
			branch: 'School',
			registered: 'Registered',
		},
		noPhone: 'No telephone',
		empty: 'Nobody was found.',
		masked: 'Telephone numbers are shown in part only, to protect learners.',
	},
	mail: {
		title: 'Mail sent',
		intro: 'Without a mail server, what the system sends is kept here.',
		columns: { subject: 'Subject', recipient: 'To', sent: 'Time' },
		empty: 'No mail has been sent yet.',
		back: 'Back to the list',
		to: (recipient: string) => `To: ${recipient}`,
		noText: 'This mail has no text.',
		unsent: 'not sent yet',
	},
};
