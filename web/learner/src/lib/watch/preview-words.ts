import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	hint: '点哪一张，就从哪里接着看。',
	at: (minutes: number, seconds: number) =>
		minutes === 0 ? `${seconds} 秒` : `${minutes} 分 ${seconds} 秒`,
};

const en: typeof zhCN = {
	hint: 'Press a picture to go on watching from there.',
	at: (minutes: number, seconds: number) =>
		minutes === 0 ? `${seconds} seconds` : `${minutes} min ${seconds} s`,
};

/** The words of the pictures of a video, fetched with them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
