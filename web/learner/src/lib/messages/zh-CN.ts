export const zhCN = {
	menu: { home: '首页', courses: '课程', credits: '我的学分', settings: '设置', help: '帮助' },
};

export type Messages = typeof zhCN;
