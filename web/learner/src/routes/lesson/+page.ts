import { prepareLanguage } from '@changqing/shared/messages/index';
import { preferences } from '@changqing/shared/preferences.svelte';

/** The player comes on demand: the pages before it stay light. */
export async function load() {
	const { default: LessonPage } = await import('$lib/watch/LessonPage.svelte');
	await prepareLanguage(preferences.language);
	return { LessonPage };
}
