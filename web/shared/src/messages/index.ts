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
