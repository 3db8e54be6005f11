import { dictionaryOnDemand } from '@changqing/shared/messages/index';
import { zhCN } from './zh-CN';

/** The words for a code that the server names; the code itself where this build knows none. */
export function wordsFor(words: Record<string, string>, code: string): string {
	return words[code] ?? code;
}

/** The words of this application in the reader's language. */
export const text = dictionaryOnDemand(zhCN, async () => (await import('./en')).en);
