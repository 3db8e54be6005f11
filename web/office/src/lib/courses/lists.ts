import { answer, api } from '@changqing/shared/api/client';
import type { CodedName } from '@changqing/shared/api/types';

/** Topics and target groups to choose from, named in the reader's language. */
export async function publicLists(): Promise<{ topics: CodedName[]; groups: CodedName[] }> {
	const [topics, groups] = await Promise.all([
		answer(api.GET('/api/v1/topics')),
		answer(api.GET('/api/v1/groups')),
	]);
	return { topics: topics.items, groups: groups.items };
}
