import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	group: '适合谁学',
	everyGroup: '谁都行',
	branch: '哪所学校开的',
	everyBranch: '都行',
	length: '多长',
	everyLength: '长短都行',
	lengths: { short: '一刻钟以内', medium: '一刻钟到一小时', long: '一小时以上' },
};

const en: typeof zhCN = {
	group: 'Who it is for',
	everyGroup: 'Everybody',
	branch: 'Which school offers it',
	everyBranch: 'Any school',
	length: 'How long',
	everyLength: 'Any length',
	lengths: {
		short: 'Under 15 minutes',
		medium: '15 minutes to an hour',
		long: 'An hour or more',
	},
};

/** The words of the filters, fetched with them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
