import type { SharedMessages } from './zh-CN';

/** Words of the shared parts, in English. */
export const en: SharedMessages = {
	siteName: 'Changqing Learning',
	skipToContent: 'Skip to main content',
	elderMode: 'Large text',
	mainMenu: 'Main menu',
	menu: (here) => (here ? `Menu · ${here}` : 'Menu'),
	otherLanguage: '中文',
	errorTitlePrefix: 'Error: ',
	errorSummary: 'There is a problem',
	errorPrefix: 'Error: ',
	close: 'Close',
	back: 'Back',
	loading: 'Loading, please wait…',
	retry: 'Try again',
	help: 'Help line',
	call: (telephone: string) => `Call for help: ${telephone}`,
	session: {
		title: 'You will be logged out soon',
		remaining: (seconds: number) =>
			`You have not done anything for a while. You will be logged out in ${seconds} seconds.`,
		extend: 'Stay logged in',
		ended: 'Your time was up and you have been logged out. What you typed is still here.',
		logInAgain: 'Log in again',
	},
	problems: {
		offline: 'You are offline. Check your connection and try again.',
		server: 'The system is busy. Please try again in a little while.',
		tooMany: 'Too many tries. Please wait a minute and try again.',
		unauthenticated: 'Please log in first.',
		forbidden: 'Your account may not do this.',
		notFound: 'We could not find what you are looking for.',
		reference: (id: string) => `When you ask staff, give this number: ${id}`,
	},
};
