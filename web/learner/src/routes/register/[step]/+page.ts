import { error } from '@sveltejs/kit';
import { prepareLanguage } from '@changqing/shared/messages/index';
import { preferences } from '@changqing/shared/preferences.svelte';
import { steps } from '$lib/registration/steps';

export const entries = () => [...steps, 'done'].map((step) => ({ step }));

/** The pages come on demand: most visits never see them, and the last two stand at the end. */
export async function load({ params }) {
	const step = [...steps, 'done' as const].find((one) => one === params.step);
	if (step === undefined) error(404);
	const { default: Registration } =
		step === 'check' || step === 'done'
			? await import('$lib/registration/Conclusion.svelte')
			: await import('$lib/registration/Questions.svelte');
	await prepareLanguage(preferences.language);
	return { step, Registration };
}
