import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	title: '退出登记',
	intro: '退出以后，您就不再是这里的学员了。请先看清楚下面几条。',
	goneTitle: '会删掉的',
	gone: [
		'姓名、电话、身份证号、出生的月和日、邮箱、密码',
		'监护人的信息、帮手的安排、记住的手机、您同意过的事',
		'只和您一个人有关的授予学分的理由',
	],
	keptTitle: '会留下的',
	kept: [
		'学过多久、得过多少学分，只剩数字，没有姓名，用来让社区的统计保持不变',
		'谁在什么时候办过什么事的记录，里面没有您的姓名和号码',
	],
	warning: '退出以后不能恢复：学分不能再用，学员号不能再登录。以后想再来，要重新登记，从零开始。',
	saveFirst: '想留一份自己的记录，请先存下来。',
	save: '去存我的信息',
	goOn: '看清楚了，继续',
	stay: '不退出了',
	lastTitle: '最后一步：确认是您本人',
	password: '您的密码',
	show: '显示密码',
	noPassword: '不记得密码，请带身份证件到社区学校办理。',
	sure: '请打勾确认',
	understood: '我明白，退出以后不能恢复',
	missingPassword: '请填写密码',
	missingSure: '请先打勾确认',
	leave: '退出登记',
	busy: '正在退出……',
	doneTitle: '已经退出登记',
	done: '您的姓名、电话等信息都删掉了，也已经退出登录。谢谢您来学习，欢迎以后再来。',
	home: '回首页',
};

const en: typeof zhCN = {
	title: 'Leave',
	intro: 'Once you have left you are no longer a learner here. Read this first.',
	goneTitle: 'What is deleted',
	gone: [
		'Name, telephone, ID number, month and day of birth, e-mail, password',
		'Guardian, helpers, remembered phones, and what you had agreed to',
		'Reasons for credits that are about you alone',
	],
	keptTitle: 'What stays',
	kept: [
		'How long was learned and how many credits were earned: figures without a name, so that the community’s statistics stay right',
		'Records of what was done and when, without your name and numbers',
	],
	warning:
		'This cannot be undone: credits are lost and the learner number no longer logs in. To come back you register anew and start from nothing.',
	saveFirst: 'If you want to keep a record for yourself, save it first.',
	save: 'Save my data',
	goOn: 'I have read this, go on',
	stay: 'Do not leave',
	lastTitle: 'Last step: show that it is you',
	password: 'Your password',
	show: 'Show password',
	noPassword: 'If you do not remember it, bring your ID card to the branch school.',
	sure: 'Tick to confirm',
	understood: 'I understand that this cannot be undone',
	missingPassword: 'Enter your password',
	missingSure: 'Tick the box to confirm',
	leave: 'Leave',
	busy: 'Leaving…',
	doneTitle: 'You have left',
	done: 'Your name, telephone and the rest are deleted, and you are logged out. Thank you for learning with us; you are welcome to come back.',
	home: 'Back to the start',
};

/** The words of this one page: no other page need carry them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
