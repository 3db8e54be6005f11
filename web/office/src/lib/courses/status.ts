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

/** Whether a course may be changed: while its newest version is under review, by who decides only. */
export function mayChange(status: ManagedCourse['status'], decides: boolean): boolean {
	if (['draft', 'rejected', 'published'].includes(status)) return true;
	return decides && ['declared', 'approved'].includes(status);
}

/** The version that residents see while a later one is worked on; `null` when there is no later one. */
export function overtaken(course: ManagedCourse): number | null {
	const { version, offered_version: offered } = course;
	return offered !== null && offered < version ? offered : null;
}
