/** Words of the shared parts, in Chinese. */
export const zhCN = {
	siteName: '常青学堂',
	skipToContent: '跳到正文',
	elderMode: '长辈版',
	mainMenu: '主菜单',
	menu: (here?: string) => (here ? `菜单 · ${here}` : '菜单'),
	otherLanguage: 'English',
	errorTitlePrefix: '错误：',
	errorSummary: '有几处要改一下',
	errorPrefix: '错误：',
	close: '关闭',
	back: '上一步',
	loading: '正在打开，请稍等……',
	retry: '再试一次',
	help: '求助电话',
	call: (telephone: string) => `打电话问：${telephone}`,
	session: {
		title: '登录快到时间了',
		remaining: (seconds: number) => `您有一会儿没操作了，${seconds} 秒后会自动退出。`,
		extend: '继续使用',
		ended: '时间到了，已经帮您退出登录。您填写的内容还在。',
		logInAgain: '重新登录',
	},
	problems: {
		offline: '现在连不上网络。请看看手机的网络，再试一次。',
		server: '系统现在忙，请过一会儿再试。',
		tooMany: '点得太快了，请等一分钟再试。',
		unauthenticated: '请先登录。',
		forbidden: '您的账号不能做这件事。',
		notFound: '没有找到您要的内容。',
		reference: (id: string) => `问工作人员时请报这个编号：${id}`,
	},
};

export type SharedMessages = typeof zhCN;
