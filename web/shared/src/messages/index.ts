import { preferences, type Language } from '../preferences.svelte';

/**
 * Binds one dictionary per language to the reader's choice. The second language has the type of
 * the first, so a missing or extra key does not compile.
 *
 * @returns a function to call inside markup or an effect: it follows a change of language
 */
export function dictionary<T>(byLanguage: Record<Language, T>): () => T {
	return () => byLanguage[preferences.language];
}

const waiting: (() => Promise<void>)[] = [];

/**
 * Like `dictionary`, but fetches the English words only for those who read English. Until
 * `prepareLanguage` has fetched them, the Chinese ones stand in.
 */
export function dictionaryOnDemand<T>(zhCN: T, fetchEnglish: () => Promise<T>): () => T {
	let english: T | null = null;
	waiting.push(async () => {
		english ??= await fetchEnglish();
	});
	return () => (preferences.language === 'en' ? (english ?? zhCN) : zhCN);
}

/** Fetches what is missing of a language. Await it before showing pages in that language. */
export async function prepareLanguage(language: Language): Promise<void> {
	if (language === 'en') await Promise.all(waiting.map((fetch) => fetch()));
}

/** Changes the language of the pages, once its words are there. */
export async function changeLanguage(language: Language): Promise<void> {
	await prepareLanguage(language);
	preferences.setLanguage(language);
}
