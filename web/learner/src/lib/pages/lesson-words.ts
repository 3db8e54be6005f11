import { dictionaryOnDemand } from '@changqing/shared/messages/index';
import { zhCN } from './lesson-words.zh-CN';

/** The words of courses and lessons, fetched with their pages. */
export const words = dictionaryOnDemand(zhCN, async () => (await import('./lesson-words.en')).en);
