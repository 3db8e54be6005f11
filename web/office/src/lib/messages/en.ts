import type { Messages } from './zh-CN';

export const en: Messages = {
	siteName: 'Changqing Office',
	home: { title: 'Office' },
};
