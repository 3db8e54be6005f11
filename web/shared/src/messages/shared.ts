import { en } from './en';
import { dictionary } from './index';
import { zhCN } from './zh-CN';

/** The words of the shared parts in the reader's language. */
export const words = dictionary({ 'zh-CN': zhCN, en });
