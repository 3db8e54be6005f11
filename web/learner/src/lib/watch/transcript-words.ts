import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	find: '在文字稿里找',
	findHint: '比如：桌子、电话',
	found: (count: number) => `找到 ${count} 句`,
	none: '没有找到。换个词试试。',
	hint: '点哪一句，就从哪一句接着看。',
	loading: '正在打开文字稿，请稍等……',
	at: (minutes: number, seconds: number) =>
		minutes === 0 ? `${seconds} 秒` : `${minutes} 分 ${seconds} 秒`,
};

const en: typeof zhCN = {
	find: 'Find in the transcript',
	findHint: 'For example: table, telephone',
	found: (count: number) => (count === 1 ? '1 line found' : `${count} lines found`),
	none: 'Nothing found. Try another word.',
	hint: 'Press a line to go on watching from there.',
	loading: 'Opening the transcript, one moment…',
	at: (minutes: number, seconds: number) =>
		minutes === 0 ? `${seconds} seconds` : `${minutes} min ${seconds} s`,
};

/** The words of the transcript, fetched with it. */
export const words = dictionary({ 'zh-CN': zhCN, en });
