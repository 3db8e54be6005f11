import { SvelteMap } from 'svelte/reactivity';
import type { ManagedLesson } from '../api/types';
import { onForget } from '../staff/forget';
import { lessonDraftOf, newLesson, type LessonDraft, type LessonKind } from './lesson-draft';

/** What is written about one lesson and not saved. */
class UnfinishedLesson {
	readonly courseId: string;
	/** `null` for a lesson that is to be added. */
	readonly lessonId: string | null;
	draft: LessonDraft;
	readonly #before: string;

	constructor(courseId: string, lessonId: string | null, draft: LessonDraft) {
		this.courseId = courseId;
		this.lessonId = lessonId;
		this.draft = $state(draft);
		this.#before = written(draft);
	}

	/** Whether anything was written that would be lost. */
	get changed(): boolean {
		return written(this.draft) !== this.#before;
	}
}

/** What was written, without which kind it is to be: choosing that is no work lost. */
function written({ kind, ...rest }: LessonDraft): string {
	void kind;
	return JSON.stringify(rest);
}

/** Lessons being written: they are still there after a look at another page. */
class UnfinishedLessons {
	readonly #kept = new SvelteMap<string, UnfinishedLesson>();

	/** The lesson that is to be added to a course, once it was begun. */
	added(courseId: string): UnfinishedLesson | undefined {
		return this.#kept.get(courseId);
	}

	begin(courseId: string, kind: LessonKind = 'video'): void {
		this.#kept.set(courseId, new UnfinishedLesson(courseId, null, newLesson(kind)));
	}

	/** The changes to a lesson, while its form is open. */
	changed(lessonId: string): UnfinishedLesson | undefined {
		return this.#kept.get(lessonId);
	}

	open(courseId: string, lesson: ManagedLesson): void {
		const draft = lessonDraftOf(lesson);
		this.#kept.set(lesson.id, new UnfinishedLesson(courseId, lesson.id, draft));
	}

	close(lessonId: string): void {
		this.#kept.delete(lessonId);
	}

	/** Lets go of changes to lessons that the course no longer has: there is nowhere to show them. */
	prune(courseId: string, lessons: ManagedLesson[]): void {
		for (const [key, one] of this.#kept) {
			if (one.courseId !== courseId || one.lessonId === null) continue;
			if (!lessons.some((lesson) => lesson.id === one.lessonId)) this.#kept.delete(key);
		}
	}

	/** Whether something is written and not saved, of one course or of any. */
	has(courseId?: string): boolean {
		return [...this.#kept.values()].some(
			(one) => (courseId === undefined || one.courseId === courseId) && one.changed,
		);
	}

	clear(): void {
		this.#kept.clear();
	}
}

export const unfinished = new UnfinishedLessons();
onForget(() => unfinished.clear());
