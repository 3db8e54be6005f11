import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	title: '家人帮忙和我的信息',
	words: '帮手 代办 家人 子女 帮忙 我帮助的人 我的信息 同意书 隐私 个人信息 下载 照片',
	helpers: '谁在帮我',
	helped: '我帮助的人',
	myData: '我的信息',
};

const en: typeof zhCN = {
	title: 'Help from family, and my data',
	words: 'helper family children help people i help my data consent privacy personal download',
	helpers: 'Who helps me',
	helped: 'People I help',
	myData: 'My data',
};

/** The words of the settings that lead to other pages. */
export const words = dictionary({ 'zh-CN': zhCN, en });
