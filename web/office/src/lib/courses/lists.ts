import { answer, api } from '@changqing/shared/api/client';
import type { CodedName, Course } from '@changqing/shared/api/types';
import { everyPage } from '../api/lists';

interface Lists {
	topics: CodedName[];
	groups: CodedName[];
	/** Courses that residents can learn from. */
	courses: Course[];
}

/** What a course's form has to choose from, named in the reader's language. */
export async function publicLists(): Promise<Lists> {
	const [topics, groups, courses] = await Promise.all([
		answer(api.GET('/api/v1/topics')),
		answer(api.GET('/api/v1/groups')),
		everyPage((cursor) =>
			answer(api.GET('/api/v1/courses', { params: { query: { limit: 100, cursor } } })),
		),
	]);
	return { topics: topics.items, groups: groups.items, courses };
}
