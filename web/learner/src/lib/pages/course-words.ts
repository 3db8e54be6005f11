import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	handouts: '讲义',
	handout: (name: string, bytes: number) => `${name}（${Math.ceil(bytes / 1024)} KB）`,
	first: '学这门课之前，请先学完：',
	enrolling: '正在报名……',
	logInToEnroll: '登录后报名',
	start: '开始学',
	resume: '接着学',
	again: '再看一遍',
	completed: '这门课您已经学完，真好！',
	certificate: '看我的证书',
	missing: '没有找到这门课，可能已经下架了。',
};

const en: typeof zhCN = {
	handouts: 'Handouts',
	handout: (name, bytes) => `${name} (${Math.ceil(bytes / 1024)} kB)`,
	first: 'Finish first:',
	enrolling: 'Joining…',
	logInToEnroll: 'Log in to join',
	start: 'Start',
	resume: 'Continue',
	again: 'Watch again',
	completed: 'You have completed this course. Well done!',
	certificate: 'See my certificates',
	missing: 'We could not find this course. It may have been withdrawn.',
};

/** The words of a course's page alone, fetched with it. */
export const courseWords = dictionary({ 'zh-CN': zhCN, en });
