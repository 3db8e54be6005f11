import { dictionary } from '@changqing/shared/messages/index';
import { en } from './en';
import { zhCN } from './zh-CN';

/** The words of this application in the reader's language. */
export const text = dictionary({ 'zh-CN': zhCN, en });
