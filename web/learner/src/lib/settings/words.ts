import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	title: '设置',
	search: '查找设置',
	searchHint: '比如：长辈版、字体大小、语言',
	none: '没有找到这个设置。换个词试试。',
	found: (count: number) => `找到 ${count} 项设置`,
	size: {
		title: '字体大小（长辈版）',
		hint: '在别处也叫亲情版、关爱版、关怀版。选了马上就变，下次打开还是这样。',
		words: '长辈版 亲情版 关爱版 关怀版 大字版 字体 字号 大小 老年',
		options: { '18': '标准', '24': '大字（长辈版）', '30': '特大字（长辈版）' },
	},
	language: {
		title: '语言 / Language',
		words: '语言 中文 英文 英语 文字 language english chinese',
	},
	account: {
		title: '账号',
		words: '账号 登录 退出 注册',
		out: '您现在没有登录。',
	},
	people: {
		title: '家人帮忙和我的信息',
		words: '帮手 代办 家人 子女 帮忙 我帮助的人 我的信息 同意书 隐私 个人信息 下载 照片',
		helpers: '谁在帮我',
		helped: '我帮助的人',
		myData: '我的信息',
	},
};

const en: typeof zhCN = {
	title: 'Settings',
	search: 'Find a setting',
	searchHint: 'For example: large text, language',
	none: 'No such setting. Try another word.',
	found: (found) => (found === 1 ? '1 setting found' : `${found} settings found`),
	size: {
		title: 'Text size (large text)',
		hint: 'It changes at once and stays that way on this device.',
		words: '长辈版 亲情版 关爱版 关怀版 large text size font big elder senior',
		options: { '18': 'Standard', '24': 'Large', '30': 'Extra large' },
	},
	language: {
		title: 'Language / 语言',
		words: 'language chinese english 语言 中文',
	},
	account: {
		title: 'Account',
		words: 'account log in out register',
		out: 'You are not logged in.',
	},
	people: {
		title: 'Help from family, and my data',
		words: 'helper family children help people i help my data consent privacy personal download',
		helpers: 'Who helps me',
		helped: 'People I help',
		myData: 'My data',
	},
};

/** The words of this one page: no other page need carry them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
