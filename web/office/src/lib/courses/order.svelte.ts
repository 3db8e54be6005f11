import { answer, api } from '@changqing/shared/api/client';
import type { ApiError } from '@changqing/shared/api/problem';
import { attempt } from '../api/attempt';
import type { ManagedCourseDetail, ManagedLesson } from '../api/types';

/** The order of a course's lessons: shown at once as it was moved, and saved behind that. */
export class LessonOrder {
	failure = $state.raw<ApiError | null>(null);
	/** Ids in the order a person wants; `null` while it is the server's. */
	#wanted = $state.raw<string[] | null>(null);
	#saving = false;
	readonly #courseId: string;

	constructor(courseId: string) {
		this.#courseId = courseId;
	}

	/** The lessons as they are to be shown. */
	shown(lessons: ManagedLesson[]): ManagedLesson[] {
		const wanted = this.#wanted;
		if (wanted === null) return lessons;
		// What somebody else has added in the meantime comes last.
		const place = ({ id }: ManagedLesson) => (wanted.includes(id) ? wanted.indexOf(id) : Infinity);
		return [...lessons].sort((one, other) => (place(one) < place(other) ? -1 : 1));
	}

	/** Moves a lesson to a place, from 0; answers the course as saved, `null` where it was refused. */
	async move(
		lessons: ManagedLesson[],
		id: string,
		place: number,
	): Promise<ManagedCourseDetail | null> {
		const others = this.shown(lessons).filter((lesson) => lesson.id !== id);
		const ids = others.map((lesson) => lesson.id);
		ids.splice(place, 0, id);
		this.#wanted = ids;
		return this.#saving ? null : this.#save();
	}

	/** The course that was answered shows the order from now on. */
	settle(): void {
		if (!this.#saving) this.#wanted = null;
	}

	async #save(): Promise<ManagedCourseDetail | null> {
		let saved: ManagedCourseDetail | null = null;
		this.#saving = true;
		this.failure = await attempt(async () => {
			// Moved again while it was being saved: then once more.
			for (let sent: string[] | null = null; sent !== this.#wanted;) {
				sent = this.#wanted;
				saved = await answer(
					api.PUT('/api/v1/courses/{id}/lesson-order', {
						params: { path: { id: this.#courseId } },
						body: { lessons: sent ?? [] },
					}),
				);
			}
		});
		this.#saving = false;
		return this.failure === null ? saved : null;
	}
}
