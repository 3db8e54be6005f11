export const people = {
	people: {
		title: '学员',
		search: '姓名或学员号',
		submit: '查找',
		branch: '学校',
		everyBranch: '全部',
		columns: {
			number: '学员号',
			name: '姓名',
			phone: '电话',
			branch: '学校',
			registered: '登记日期',
		},
		noPhone: '没有电话',
		empty: '没有找到学员。',
		masked: '电话只显示一部分，保护学员隐私。',
	},
	mail: {
		title: '发出的邮件',
		intro: '没有接邮件服务器时，系统发出的邮件都存在这里。',
		columns: { subject: '标题', recipient: '收件人', sent: '时间' },
		empty: '还没有发过邮件。',
		back: '返回邮件列表',
		to: (recipient: string) => `发给：${recipient}`,
		noText: '这封邮件没有文字内容。',
		unsent: '还没发出',
	},
};
