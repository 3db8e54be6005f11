import { prepareLanguage } from '@changqing/shared/messages/index';
import { preferences } from '@changqing/shared/preferences.svelte';
import '$lib/messages';

export const prerender = true;
export const trailingSlash = 'always';

export const load = () => prepareLanguage(preferences.language);
