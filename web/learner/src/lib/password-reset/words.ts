import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	forgotten: {
		title: '忘了密码',
		mailTitle: '登记过邮箱：用邮件重设',
		mailIntro: '我们给您登记的邮箱发一封信，点信里的链接就能设新密码。',
		login: '手机号、邮箱或学员号',
		missing: '请填手机号、邮箱或学员号',
		submit: '给我发邮件',
		busy: '正在发送……',
		sentTitle: '请看邮箱',
		sent: '如果这个账号登记过邮箱，几分钟内会收到一封信。信里的链接一小时内有效，只能用一次。',
		notThere: '没收到？看看垃圾邮件，或者请社区学校的工作人员给您一个验证码。',
		codeTitle: '没有邮箱：请社区学校帮忙',
		codeIntro:
			'带上身份证到社区学校，或者打电话去，请工作人员给您一个一次性验证码。密码还是您自己设，工作人员看不到。',
		toCode: '我拿到验证码了',
	},
	reset: {
		title: '设一个新密码',
		incomplete: '这个链接不完整。请回到邮件里，再点一次完整的链接；或者重新申请一个。',
		another: '重新申请一个链接',
		password: '新密码',
		passwordHint: '至少 8 位。只有您自己知道，工作人员也看不到。',
		missing: '请填新密码',
		show: '显示密码',
		submit: '设好密码并登录',
		busy: '正在登录……',
	},
};

const en: typeof zhCN = {
	forgotten: {
		title: 'Password forgotten',
		mailTitle: 'With an e-mail address: by mail',
		mailIntro:
			'We send a mail to the address that you gave us. Its link lets you set a new password.',
		login: 'Phone, e-mail or learner number',
		missing: 'Enter your phone, e-mail or learner number',
		submit: 'Send me the mail',
		busy: 'Sending…',
		sentTitle: 'Look at your mail',
		sent: 'If this account has an e-mail address, a mail arrives within a few minutes. Its link serves once, within an hour.',
		notThere:
			'Nothing there? Look into the folder for spam, or ask the staff of your school for a code.',
		codeTitle: 'Without an e-mail address: ask your school',
		codeIntro:
			'Go to your school with your ID card, or ring them up, and ask for a one-time code. You set the password yourself; the staff do not see it.',
		toCode: 'I have a code',
	},
	reset: {
		title: 'Set a new password',
		incomplete:
			'This link is not complete. Go back to the mail and follow the whole link, or ask for another one.',
		another: 'Ask for another link',
		password: 'New password',
		passwordHint: 'At least 8 characters. Nobody else learns it, the staff neither.',
		missing: 'Enter a new password',
		show: 'Show password',
		submit: 'Set it and log in',
		busy: 'Logging in…',
	},
};

/** The words of these two pages: no other page need carry them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
