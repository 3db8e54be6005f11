import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	title: '积分兑换',
	all: '可以换什么',
	balance: (points: string) => `您有 ${points} 积分`,
	expires: (points: string, day: string) => `其中 ${points} 积分 ${day}到期，到期前没用就没有了。`,
	mine: '我兑换的',
	none: '现在还没有可以兑换的奖品，过些日子再来看看。',
	price: (points: string) => `${points} 积分`,
	left: (count: string) => `还剩 ${count} 件`,
	gone: '已换完',
	most: (count: string) => `每人最多 ${count} 件`,
	choose: '兑换',
	/** Read aloud behind the word on a button. */
	which: (title: string) => `《${title}》`,
	short: (points: string) => `还差 ${points} 积分`,
	confirmTitle: (title: string) => `兑换《${title}》吗？`,
	confirm: (points: string, days: string) =>
		`会用去 ${points} 积分。奖品给您留 ${days} 天，到社区学校领取；没领的话，积分退回给您。`,
	yes: '确定兑换',
	code: '领取码',
	codeHint: '到社区学校，告诉工作人员这六位数字，或者出示学员卡。',
	until: (day: string) => `请在 ${day}前领取`,
	statuses: {
		held: '等待领取',
		handed_over: '已领取',
		cancelled: '已取消，积分已退回',
		expired: '没有领取，积分已退回',
		taken_back: '奖品已收回，积分已退回',
	} as Record<string, string>,
	cancel: '不换了',
	cancelTitle: (title: string) => `不换《${title}》了吗？`,
	cancelBody: (points: string) => `${points} 积分会马上退回给您。`,
	cancelYes: '不换了，退回积分',
	chosen: (title: string) => `换好了：《${title}》。请看下面的领取码。`,
	cancelled: (title: string) => `已取消《${title}》，积分已退回。`,
	more: '再看早一些的',
};

const en: typeof zhCN = {
	title: 'Rewards',
	all: 'What there is',
	balance: (points) => `You have ${points} points`,
	expires: (points, day) => `${points} of them expire on ${day}: what is not used by then is gone.`,
	mine: 'What you have chosen',
	none: 'There are no rewards just now. Come back in a while.',
	price: (points) => `${points} points`,
	left: (count) => `${count} left`,
	gone: 'None left',
	most: (count) => `At most ${count} each`,
	choose: 'Choose',
	which: (title) => `“${title}”`,
	short: (points) => `${points} points short`,
	confirmTitle: (title) => `Choose “${title}”?`,
	confirm: (points, days) =>
		`It takes ${points} points. It is kept for you for ${days} days at your branch school; if you do not pick it up, the points come back to you.`,
	yes: 'Choose it',
	code: 'Code',
	codeHint: 'Tell the staff of your branch school these six digits, or show your learner card.',
	until: (day) => `Pick it up by ${day}`,
	statuses: {
		held: 'To be picked up',
		handed_over: 'Picked up',
		cancelled: 'Cancelled, points given back',
		expired: 'Not picked up, points given back',
		taken_back: 'Taken back, points given back',
	},
	cancel: 'Cancel',
	cancelTitle: (title) => `Cancel “${title}”?`,
	cancelBody: (points) => `${points} points come back to you at once.`,
	cancelYes: 'Cancel it',
	chosen: (title) => `“${title}” is kept for you. The code is below.`,
	cancelled: (title) => `“${title}” is cancelled; the points are back.`,
	more: 'Show earlier ones',
};

/** The words of rewards, fetched with them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
