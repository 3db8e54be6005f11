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
		title: 'Courses',
		search: 'Find a course',
		searchHint: 'For example: earthquake, WeChat, health',
		submit: 'Search',
		topics: 'By topic',
		everyTopic: 'All',
		found: (found, more) =>
			more ? `More than ${found} courses found` : `${count(found, 'course', 'courses')} found`,
		none: 'No such course. Try another word, or look at all courses.',
		more: 'Show more',
		facts: (lessons, minutes) => `${count(lessons, 'lesson', 'lessons')} · about ${minutes} min`,
		credits: (credits) => `Earns ${credits} credits`,
	},
	course: {
		title: 'Course',
		lessons: 'Lessons',
		lesson: (position) => `Lesson ${position}`,
		minutes: (minutes) => `about ${minutes} min`,
		done: 'Completed',
		watched: (minutes) => `${minutes} min watched`,
		enroll: 'Join and start',
		enrolling: 'Joining…',
		logInToEnroll: 'Log in to join',
		start: 'Start',
		resume: 'Continue',
		again: 'Watch again',
		enrolled: 'You have joined this course',
		completed: 'You have completed this course. Well done!',
		missing: 'We could not find this course. It may have been withdrawn.',
		all: 'See all courses',
	},
	readAloud: { start: 'Read aloud', stop: 'Stop reading' },
	lesson: {
		title: 'Lesson',
		toCourse: 'Back to the course',
		back10: 'Back 10 seconds',
		speed: 'Playing speed',
		speeds: { '0.75': 'Slower', '1': 'Normal', '1.25': 'Faster' },
		audioOnly: 'Sound only',
		dataSaver: 'Save data',
		captions: { 'zh-CN': 'Chinese captions', en: 'English captions' },
		progress: 'Your progress',
		watched: (watched, required) =>
			`You have watched ${watched}; the lesson is completed at ${required}`,
		span: (minutes, seconds) =>
			minutes === 0
				? `${Math.round(seconds)} s`
				: seconds === 0
					? `${minutes} min`
					: `${minutes} min ${Math.round(seconds)} s`,
		completed: 'Lesson completed!',
		completedEarlier: 'You have completed this lesson already. You can watch it again.',
		earned: (amount, unit) => `You earned ${amount} ${unit}`,
		units: { credit: 'credits', point: 'points' },
		next: 'Next lesson',
		seeCredits: 'See my credits',
		waiting:
			'The connection is gone. What you watched is kept on this device and sent when it is back.',
		refused: 'This part was not counted.',
		failed: 'The video does not open. Check your connection, then choose “Try again”.',
		notEnrolled: 'Please join the course before you watch this lesson.',
		note: 'What you skip does not count, and watching the same part twice counts once.',
	},
	credits: {
		title: 'My credits',
		balance: 'Credits',
		points: 'Points',
		thisMonth: 'Earned this month',
		today: 'Earned today',
		remaining: (amount) => `You can earn ${amount} more credits today`,
		history: 'Where your credits come from',
		empty: 'No credits yet. Complete a lesson and they will appear here.',
		after: (balance) => `${balance} in total after this`,
		more: 'Show earlier ones',
		reversed: 'Corrected later',
		reversal: 'Correction',
		start: 'Watch a course',
	},
	help: {
		title: 'Help',
		intro: 'If anything is unclear, a call is the quickest way.',
		hours: 'You can also ask the teachers at the school in your community.',
		topics: [
			{
				title: 'How to register',
				steps: [
					'Choose “Register as a learner”.',
					'Each page asks one thing. Fill it in and choose “Continue”.',
					'At the end you see your learner number. Write it down: you can log in with it.',
				],
			},
			{
				title: 'How to watch a course',
				steps: [
					'Pick one under “Courses” and choose “Join and start”.',
					'Tap the triangle in the video to play.',
					'Missed something? Choose “Back 10 seconds”. Too fast? Choose “Slower”.',
					'Stop whenever you like: next time you continue where you stopped.',
				],
			},
			{
				title: 'How to earn credits',
				steps: [
					'A lesson is completed when you have watched nine tenths of it; the credits come by themselves.',
					'What you skip does not count, and watching the same part twice counts once.',
					'“My credits” says where each of them comes from.',
				],
			},
			{
				title: 'The text is too small',
				steps: [
					'Choose “Large text” at the top of the page.',
					'Still too small? Choose “Extra large” under “Settings”.',
				],
			},
		],
	},
};
