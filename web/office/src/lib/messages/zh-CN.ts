export const zhCN = {
	siteName: '常青学堂工作台',
	home: { title: '工作台' },
};

export type Messages = typeof zhCN;
