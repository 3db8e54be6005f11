import type { LessonWords } from './lesson-words.zh-CN';

export const en: LessonWords = {
	course: {
		title: 'Course',
		lessons: 'Lessons',
		lesson: (position) => `Lesson ${position}`,
		minutes: (minutes) => `about ${minutes} min`,
		kinds: { article: 'Article', quiz: 'Quiz' },
		done: 'Completed',
		watched: (minutes) => `${minutes} min watched`,
		enroll: 'Join and start',
	},
	lesson: {
		title: 'Lesson',
		toCourse: 'Back to the course',
		back10: 'Back 10 seconds',
		speed: 'Playing speed',
		speeds: { '0.75': 'Slower', '1': 'Normal', '1.25': 'Faster' },
		audioOnly: 'Sound only',
		dataSaver: 'Save data',
		sharp: 'High definition',
		preview: 'Pictures of the video',
		transcript: 'Read the transcript',
		questions: 'Questions and answers',
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
		replaced:
			'The course was renewed, and this lesson is no longer part of it. Go back to the course to learn on.',
		notEnrolled: 'Please join the course before you watch this lesson.',
		note: 'What you skip does not count, and watching the same part twice counts once.',
	},
};
