import { dictionaryOnDemand } from '@changqing/shared/messages/index';
import { zhCN } from './zh-CN';

/** The words of this application in the reader's language. */
export const text = dictionaryOnDemand(zhCN, async () => (await import('./en')).en);
