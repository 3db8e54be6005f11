import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	title: '用一次性验证码设密码',
	intro: '第一次登录，或者忘了密码：请社区学校的工作人员给您一个一次性验证码，24 小时内有效。',
	login: '手机号、邮箱或学员号',
	code: '一次性验证码',
	codeHint: '三组字母和数字，例如 abcd-efgh-2345，大小写都行。',
	password: '给自己设一个密码',
	passwordHint: '至少 8 位。只有您自己知道，工作人员也看不到。',
	missing: '请填这一项',
	show: '显示密码',
	submit: '设好密码并登录',
	busy: '正在登录……',
};

const en: typeof zhCN = {
	title: 'Set a password with a one-time code',
	intro:
		'For a first log-in or a forgotten password: ask the staff of your school for a one-time code. It serves for 24 hours.',
	login: 'Telephone, e-mail or learner number',
	code: 'One-time code',
	codeHint: 'Three groups of letters and digits, such as abcd-efgh-2345, in capitals or not.',
	password: 'Choose a password',
	passwordHint: 'At least 8 characters. Nobody else learns it, the staff neither.',
	missing: 'Fill this in',
	show: 'Show password',
	submit: 'Set it and log in',
	busy: 'Logging in…',
};

/** The words of this one page: no other page need carry them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
