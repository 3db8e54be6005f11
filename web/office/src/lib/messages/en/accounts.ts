import type { Messages } from '../zh-CN';

export const accounts: Messages['accounts'] = {
	title: 'Staff',
	name: 'Name',
	email: 'E-mail',
	role: 'Works for',
	state: 'State',
	acts: 'What can be done',
	place: 'Works for',
	invite: 'Add somebody',
	inviteIntro:
		'The new account comes with a one-time code. Hand it over: its owner sets the password alone.',
	make: 'Make the account',
	cancel: 'Not now',
	disabled: 'Shut out',
	noPassword: 'No password yet',
	noSecondFactor: 'No codes at log-in',
	good: 'In order',
	code: 'One-time code',
	disable: 'Shut out',
	enable: 'Let in again',
	unguard: 'Take codes away',
	codeFor: (name: string) => `Hand this one-time code to ${name}. It is shown this once:`,
	codeUse: (address: string, until: string) => `To be given in at ${address} by ${until}.`,
	sure: {
		code: (name: string) =>
			`Make a one-time code for ${name} to set a new password? The old password stays until it is used.`,
		disable: (name: string) =>
			`Shut ${name} out? They are logged out at once and cannot log in until you let them in again.`,
		enable: (name: string) => `Let ${name} in again?`,
		unguard: (name: string) =>
			`Take away the codes of ${name}? Only for whoever has lost both the phone and the recovery codes.`,
	},
	forgotten: {
		title: 'Password forgotten',
		intro:
			'We send a mail to the address that you log in with. Its link lets you set a new password.',
		login: 'E-mail',
		missing: 'Enter your e-mail address',
		submit: 'Send me the mail',
		busy: 'Sending…',
		sentTitle: 'Look at your mail',
		sent: 'If there is such an account, a mail arrives within a few minutes. Its link serves once, within an hour.',
		notThere: 'Nothing there? Look into the folder for spam, or ask an admin for a one-time code.',
		link: 'Password forgotten',
	},
	reset: {
		title: 'Set a new password',
		incomplete:
			'This link is not complete. Go back to the mail and follow the whole link, or ask for another one.',
		another: 'Ask for another link',
		password: 'New password',
		passwordHint: 'At least 15 characters; a few unrelated words will do.',
		missing: 'Enter a new password',
		show: 'Show password',
		submit: 'Set it and log in',
		busy: 'Logging in…',
		done: 'The new password is set. Log in with it, and then with your code.',
	},
	first: {
		title: 'Set a password with a one-time code',
		intro:
			'For a first log-in or a forgotten password: ask an admin for a one-time code. It serves for 24 hours.',
		login: 'E-mail',
		code: 'One-time code',
		codeHint: 'Three groups of letters and digits, such as abcd-efgh-2345, in capitals or not.',
		password: 'Choose a password',
		passwordHint: 'At least 15 characters; a few unrelated words will do. Nobody else learns it.',
		missing: 'Fill this in',
		show: 'Show password',
		submit: 'Set it and log in',
		busy: 'Logging in…',
		link: 'First log-in, with a one-time code',
	},
};
