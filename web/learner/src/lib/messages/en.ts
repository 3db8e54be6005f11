import type { Messages } from './zh-CN';

const count = (value: number, one: string, many: string) => `${value} ${value === 1 ? one : many}`;

/** Words of the learner application, in English. */
export const en: Messages = {
	menu: {
		home: 'Home',
		courses: 'Courses',
		credits: 'My credits',
		settings: 'Settings',
		help: 'Help',
	},
	offline:
		'You are offline. Pages you have seen still open; to watch a lesson, wait for a connection.',
	missing: {
		title: 'Page not found',
		body: 'The address may be mistyped, or the page has moved.',
		home: 'Go to the home page',
	},
	home: {
		title: 'Home',
		heading: 'Learn something new, close to home',
		intro: 'Watch video courses and collect credits. Open to every resident, free of charge.',
		resume: 'Continue learning',
		resumeEmpty: 'You have not joined a course yet. Pick one you like and join it there.',
		greeting: (name) => `Hello, ${name}`,
		courses: 'Popular courses',
		all: 'See all courses',
		empty: 'Courses are being prepared. Please look in again in a few days.',
		noScript:
			'Scripts are turned off in your browser, so you cannot log in here. Please call the help line below.',
		lessonsDone: (done, all) => `${done} of ${count(all, 'lesson', 'lessons')} completed`,
		courseDone: 'Course completed',
		openCourse: 'Open the course',
		continueLesson: 'Continue',
	},
	logIn: {
		card: 'Log in with your learner card',
		orPassword: 'Or with telephone and password:',
		title: 'Log in',
		login: 'Phone, e-mail or learner number',
		learnerNumber: 'Learner number',
		password: 'Password',
		showPassword: 'Show password',
		submit: 'Log in',
		busy: 'Logging in…',
		missingLogin: 'Enter your phone, e-mail or learner number',
		missingPassword: 'Enter your password',
		chooseLearnerNumber:
			'Several family members share this number. Enter your own learner number: it is on your learner card and was shown when you registered.',
		staff: 'This account logs in at the office.',
		toOffice: 'Log in at the office',
		noAccount: 'No account yet?',
		register: 'Register as a learner',
		forgotten: 'I have forgotten my password',
		withCode: 'First log-in, I have a code',
		logOut: 'Log out',
		as: (name) => `Logged in as ${name}`,
		goOn: 'Continue',
		first: 'Please log in to see this page.',
	},
	courses: {
		all: 'See all courses',
		title: 'Courses',
		search: 'Find a course',
		searchHint: 'For example: earthquake, WeChat, or pinyin: dizhen',
		submit: 'Search',
		topics: 'By topic',
		everyTopic: 'All',
		moreFilters: 'More ways to choose',
		allFilters: 'Choose by topic, school or length',
		saidIn: (words) => `“${words}” is said in the lessons`,
		found: (found, more) =>
			more ? `More than ${found} courses found` : `${count(found, 'course', 'courses')} found`,
		none: 'No such course. Try another word, or look at all courses.',
		more: 'Show more',
		facts: (lessons, minutes) => `${count(lessons, 'lesson', 'lessons')} · about ${minutes} min`,
		credits: (credits) => `Earns ${credits} credits`,
	},
	notOpened: 'This did not open. Check the connection and open it again in a moment.',
	readAloud: { start: 'Read aloud', stop: 'Stop reading' },
};
