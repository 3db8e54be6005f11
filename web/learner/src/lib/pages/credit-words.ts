import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	certificates: '我的证书',
	questions: '我的提问',
	rewards: '积分兑换',
	expires: (points: string, day: string) => `其中 ${points} 积分 ${day}到期`,
	recognition: '成果认定',
	title: '我的学分',
	balance: '学分',
	points: '积分',
	thisMonth: '这个月得到',
	thisYear: '今年得到',
	today: '今天得到',
	remaining: (amount: string) => `今天还能再得 ${amount} 学分`,
	history: '学分是怎么来的',
	empty: '还没有学分。看完一课，学分就会出现在这里。',
	after: (balance: string) => `这之后一共 ${balance}`,
	more: '再看早一些的',
	reversed: '后来更正了',
	settled: '已有结果',
	reversal: '更正',
	start: '去看课',
};

const en: typeof zhCN = {
	certificates: 'My certificates',
	questions: 'My questions',
	rewards: 'Rewards',
	expires: (points: string, day: string) => `${points} of them expire on ${day}`,
	recognition: 'Recognition',
	title: 'My credits',
	balance: 'Credits',
	points: 'Points',
	thisMonth: 'Earned this month',
	thisYear: 'Earned this year',
	today: 'Earned today',
	remaining: (amount: string) => `You can earn ${amount} more credits today`,
	history: 'Where your credits come from',
	empty: 'No credits yet. Complete a lesson and they will appear here.',
	after: (balance: string) => `${balance} in total after this`,
	more: 'Show earlier ones',
	reversed: 'Corrected later',
	settled: 'Settled',
	reversal: 'Correction',
	start: 'Watch a course',
};

/** The words of the page of credits, fetched with it. */
export const words = dictionary({ 'zh-CN': zhCN, en });
