import type { ManagedCourse } from '../api/types';

/** Steps a course can take, as nouns of the API. */
export type CourseAction = 'submission' | 'approval' | 'rejection' | 'publication' | 'archival';

/** What can be done with a course in a state, by who decides and by who declares. */
export function actionsFor(status: ManagedCourse['status'], decides: boolean): CourseAction[] {
	if (status === 'draft' || status === 'rejected') return ['submission'];
	if (!decides) return [];
	if (status === 'declared') return ['approval', 'rejection'];
	if (status === 'approved') return ['publication'];
	if (status === 'published') return ['archival'];
	return [];
}
