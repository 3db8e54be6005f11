import { answer, publicApi } from '@changqing/shared/api/client';
import type { Branch, CodedName, Consent } from '@changqing/shared/api/types';
import { Loaded } from '$lib/load.svelte';
import { draft } from './draft.svelte';

/** The branches to choose from: schools first, the street centre they belong to behind them. */
export const branches = new Loaded<Branch[]>();
export const groups = new Loaded<CodedName[]>();
export const consent = new Loaded<Consent>();

export function loadBranches(): Promise<void> {
	return branches.run(async () => {
		const { items } = await answer(publicApi.GET('/api/v1/branches'));
		return [
			...items.filter((branch) => branch.parent_id !== null),
			...items.filter((branch) => branch.parent_id === null),
		];
	});
}

export function loadGroups(): Promise<void> {
	return groups.run(async () => (await answer(publicApi.GET('/api/v1/groups'))).items);
}

export function loadConsent(): Promise<void> {
	return consent.run(async () => {
		const current = await answer(publicApi.GET('/api/v1/consents/current'));
		// Who agreed to an earlier text has not agreed to this one.
		draft.answers.consent = draft.answers.consent.filter((one) => one === current.version);
		return current;
	});
}
