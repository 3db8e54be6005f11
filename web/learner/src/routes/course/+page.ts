import { prepareLanguage } from '@changqing/shared/messages/index';
import { preferences } from '@changqing/shared/preferences.svelte';

/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Course } = await import('$lib/pages/Course.svelte');
	await prepareLanguage(preferences.language);
	return { Course };
}
