import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	question: '这门课您有收获吗？',
	values: { good: '有收获', fair: '一般', poor: '没收获' },
	saved: '记下了，谢谢您。想改的话，再点一下就行。',
};

const en: typeof zhCN = {
	question: 'Did you get something out of this course?',
	values: { good: 'Yes', fair: 'So-so', poor: 'No' },
	saved: 'Noted, thank you. Press another one to change it.',
};

/** The words of ratings, fetched with them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
