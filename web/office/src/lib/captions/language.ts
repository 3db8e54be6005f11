import { preferences } from '@changqing/shared/preferences.svelte';
import { text } from '../messages';

/** What a language is called in the reader's own; its tag where nobody knows. */
export function languageName(tag: string): string {
	const known = text().captions.names[tag];
	if (known !== undefined) return known;
	try {
		return new Intl.DisplayNames([preferences.language], { type: 'language' }).of(tag) ?? tag;
	} catch {
		// An old browser, or a tag that is none.
		return tag;
	}
}
