import type { ManagedCourseDetail } from '../api/types';

/** A course as its form holds it. */
export interface CourseDraft {
	title: string;
	topic: string;
	summary: string;
	groups: string[];
	credits: string;
	/** Ids of courses to be finished first. */
	prerequisites: string[];
	branchId: string;
}

/** The draft of a new course of a branch. */
export function emptyDraft(branchId: string): CourseDraft {
	return {
		title: '',
		topic: '',
		summary: '',
		groups: [],
		credits: '1',
		prerequisites: [],
		branchId,
	};
}

/** The draft to change a course with. */
export function draftOf(course: ManagedCourseDetail): CourseDraft {
	return {
		title: course.title,
		topic: course.topic,
		summary: course.summary,
		groups: [...course.groups],
		credits: String(Number(course.credits)),
		prerequisites: [...course.prerequisites],
		branchId: course.branch_id,
	};
}

/** The draft as the API takes it, without the branch. */
export function fieldsOf(draft: CourseDraft): {
	title: string;
	topic: string;
	summary: string;
	groups: string[];
	credits: string;
	prerequisites: string[];
} {
	return {
		title: draft.title.trim(),
		topic: draft.topic,
		summary: draft.summary.trim(),
		groups: draft.groups,
		credits: Number(draft.credits).toFixed(2),
		prerequisites: draft.prerequisites,
	};
}
