import type { Messages } from './zh-CN';

export const en: Messages = {
	menu: {
		home: 'Home',
		courses: 'Courses',
		credits: 'My credits',
		settings: 'Settings',
		help: 'Help',
	},
};
