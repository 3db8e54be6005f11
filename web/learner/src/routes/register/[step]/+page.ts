import { error } from '@sveltejs/kit';
import { prepareLanguage } from '@changqing/shared/messages/index';
import { preferences } from '@changqing/shared/preferences.svelte';
import { steps } from '$lib/registration/steps';

export const entries = () => [...steps, 'done'].map((step) => ({ step }));

/** The pages come on demand: most visits never see them. */
export async function load({ params }) {
	const step = [...steps, 'done' as const].find((one) => one === params.step);
	if (step === undefined) error(404);
	const { default: Registration } = await import('$lib/registration/Registration.svelte');
	await prepareLanguage(preferences.language);
	return { step, Registration };
}
