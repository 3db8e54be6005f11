import { dictionaryOnDemand } from './index';
import { zhCN } from './zh-CN';

/** The words of the shared parts in the reader's language. */
export const words = dictionaryOnDemand(zhCN, async () => (await import('./en')).en);
