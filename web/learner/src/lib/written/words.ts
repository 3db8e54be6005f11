import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	article: {
		finish: '我读完了',
		finishing: '正在记下……',
		finished: '这一课读完了！',
		finishedBefore: '这一课您已经读完了，可以再读一遍。',
		wait: (seconds: number) => `请慢慢读，再过 ${seconds} 秒就可以点“我读完了”。`,
	},
	quiz: {
		intro: (count: number, percent: number) =>
			`一共 ${count} 题，答对 ${percent}% 就算通过。不限时间，慢慢想。没通过可以再答。`,
		start: '开始答题',
		goOn: '接着答题',
		again: '再答一次',
		place: (number: number, total: number) => `第 ${number} 题，共 ${total} 题`,
		one: '选一个答案',
		several: '对的都要选上',
		missing: '请先选答案',
		choose: '就选这个',
		sending: '正在提交……',
		right: '答对了！',
		wrong: '这题没答对。',
		rightOnes: (options: string) => `正确答案：${options}`,
		next: '下一题',
		result: '看看结果',
		passed: '通过了！',
		failed: '这次没通过，再看看课，随时可以再答。',
		score: (right: number, total: number, score: number) =>
			`答对 ${right} 题，共 ${total} 题，得 ${score} 分。`,
		required: (percent: number) => `${percent} 分通过。`,
		passedBefore: '这个测验您已经通过了，可以再答着玩，不影响成绩。',
		attempts: '以前的成绩',
		attempt: (day: string, score: number) => `${day}：${score} 分`,
		passedMark: '通过',
	},
	comma: '、',
};

const en: typeof zhCN = {
	article: {
		finish: 'I have read it',
		finishing: 'Noting it…',
		finished: 'You have read this lesson!',
		finishedBefore: 'You have read this lesson already. You can read it again.',
		wait: (seconds) =>
			`Take your time: in ${seconds} ${seconds === 1 ? 'second' : 'seconds'} you can press “I have read it”.`,
	},
	quiz: {
		intro: (count, percent) =>
			`${count} ${count === 1 ? 'question' : 'questions'}; ${percent}% right is enough. There is no time limit, and you can try again.`,
		start: 'Begin',
		goOn: 'Go on',
		again: 'Try again',
		place: (number, total) => `Question ${number} of ${total}`,
		one: 'Choose one answer',
		several: 'Choose all that are right',
		missing: 'Choose an answer first',
		choose: 'Answer',
		sending: 'Sending…',
		right: 'Right!',
		wrong: 'That is not right.',
		rightOnes: (options) => `The right answer: ${options}`,
		next: 'Next question',
		result: 'See the result',
		passed: 'Passed!',
		failed: 'Not passed this time. Look at the lessons again and try whenever you like.',
		score: (right, total, score) => `${right} of ${total} right: ${score} points.`,
		required: (percent) => `${percent} points pass.`,
		passedBefore: 'You have passed this quiz already. Trying again takes nothing away.',
		attempts: 'Earlier results',
		attempt: (day, score) => `${day}: ${score} points`,
		passedMark: 'passed',
	},
	comma: ', ',
};

/** The words of articles and quizzes, fetched with them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
