import { answer, api } from '@changqing/shared/api/client';

/** What is read aloud and chosen from at the desk. */
export type Lists = Awaited<ReturnType<typeof fetchLists>>;

/** The texts in force and the target groups, in the reader's language. */
export async function fetchLists() {
	const [consent, groups] = await Promise.all([
		answer(api.GET('/api/v1/consents/current')),
		answer(api.GET('/api/v1/groups')),
	]);
	return { consent, groups: groups.items };
}
