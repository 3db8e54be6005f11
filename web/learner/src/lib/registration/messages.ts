import { dictionaryOnDemand } from '@changqing/shared/messages/index';
import { zhCN } from './messages.zh-CN';

/** The words of the registration pages in the reader's language. */
export const text = dictionaryOnDemand(zhCN, async () => (await import('./messages.en')).en);
