import { dictionary } from '../messages/index';

const zhCN = {
	title: '重新登录',
	kept: '就在这里登录，您填写的内容还在。要是换到别的页面，填的就没有了。',
};

const en: typeof zhCN = {
	title: 'Log in again',
	kept: 'Log in here and what you typed stays. If you go to another page, it is lost.',
};

/** The words of logging in again, fetched with it. */
export const words = dictionary({ 'zh-CN': zhCN, en });
