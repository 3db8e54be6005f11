import { answer, api } from '@changqing/shared/api/client';
import { ApiError } from '@changqing/shared/api/problem';
import { session } from '@changqing/shared/api/session.svelte';
import { recall, remember } from '@changqing/shared/preferences.svelte';
import { attempt } from '../api/attempt';
import { send } from '../api/upload';
import { putCaptions } from '../captions/calls';
import { onForget } from '../staff/forget';

/** What is needed to go on with an upload after the page was closed. */
export interface UnfinishedUpload {
	videoId: string;
	accountId: string;
	courseId: string;
	branchId: string;
	lessonTitle: string;
	credits: string;
	fileName: string;
	size: number;
	/** Missing in what earlier builds have kept. */
	replaces?: string | null;
}

interface Part {
	number: number;
	url?: string | null;
	etag?: string | null;
}

/** What is picked for a lesson beside what is written. */
export interface LessonFiles {
	video: File | null;
	captions: File | null;
}

/** The lesson that a video is for. */
export interface NewLesson {
	courseId: string;
	branchId: string;
	title: string;
	credits: string;
	captions: File | null;
	/** Id of the lesson that gets the video in place of its own; `null` for a new lesson. */
	replaces: string | null;
}

const unfinishedKey = 'changqing.office.uploads';
/** Parts sent at the same time: enough to fill a line, few enough for an old router. */
const lanes = 3;
/** Times a part is tried before a person has to look. */
const tries = 3;

function recallUnfinished(): UnfinishedUpload[] {
	const kept = recall(unfinishedKey);
	if (kept === null) return [];
	try {
		const list: unknown = JSON.parse(kept);
		return Array.isArray(list) ? (list as UnfinishedUpload[]) : [];
	} catch {
		// Something else wrote there: nothing was remembered.
		return [];
	}
}

/** Names of video kinds that some systems do not know by a file's ending. */
const kinds: Record<string, string> = {
	mp4: 'video/mp4',
	mov: 'video/quicktime',
	mkv: 'video/x-matroska',
	avi: 'video/x-msvideo',
	webm: 'video/webm',
	mpg: 'video/mpeg',
	mpeg: 'video/mpeg',
};

function contentType(file: File): string {
	const ending = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
	return kinds[ending] ?? (file.type || 'application/octet-stream');
}

/** One video on its way into storage, and the lesson it is for. */
export class VideoUpload {
	readonly file: File;
	readonly lesson: NewLesson;
	state = $state<'sending' | 'paused' | 'done'>('sending');
	failure = $state.raw<ApiError | null>(null);
	/** Bytes that have arrived, part by part. */
	#arrived = $state<Record<number, number>>({});
	#videoId: string | null;
	#partSize = 0;
	#stop: AbortController | null = null;
	#completed = false;

	constructor(file: File, lesson: NewLesson, videoId: string | null) {
		this.file = file;
		this.lesson = lesson;
		this.#videoId = videoId;
	}

	get videoId(): string | null {
		return this.#videoId;
	}

	/** Percent of the file that has arrived. */
	get percent(): number {
		const bytes = Object.values(this.#arrived).reduce((sum, part) => sum + part, 0);
		return this.file.size === 0 ? 0 : (bytes / this.file.size) * 100;
	}

	/** Sends what has not arrived, then makes the lesson or gives it its new video. Goes on where it stopped. */
	async run(): Promise<void> {
		this.state = 'sending';
		this.failure = null;
		this.#stop = new AbortController();
		const stop = this.#stop;
		let done = false;
		const failure = await attempt(async () => {
			if (!this.#completed) await this.#sendAll(stop.signal);
			if (stop.signal.aborted) return;
			await this.#putIntoCourse();
			done = true;
		});
		// A pause in the meantime may have begun another run, which speaks for itself.
		if (stop !== this.#stop) return;
		this.state = done ? 'done' : 'paused';
		this.failure = stop.signal.aborted ? null : failure;
	}

	pause(): void {
		this.#stop?.abort();
		this.state = 'paused';
	}

	/** Gives the upload up; the server forgets what has arrived. */
	async cancel(): Promise<void> {
		this.pause();
		if (this.#videoId !== null) await uploads.giveUp(this.#videoId);
		uploads.drop(this);
	}

	async #sendAll(signal: AbortSignal): Promise<void> {
		const parts = this.#videoId === null ? await this.#create() : await this.#missing();
		const videoId = this.#videoId ?? '';
		if (this.#completed) return;
		const waiting = parts.filter((part) => !part.etag);
		for (const part of parts) if (part.etag) this.#arrived[part.number] = this.#blob(part).size;
		const lane = async (): Promise<void> => {
			for (let part = waiting.shift(); part && !signal.aborted; part = waiting.shift())
				await this.#sendPart(part, signal);
		};
		await Promise.all(Array.from({ length: lanes }, lane));
		if (signal.aborted) return;
		// Storage elsewhere may hide the tags of the parts from scripts; the server knows them too.
		const known = parts.every((part) => part.etag) ? parts : await this.#missing();
		await answer(
			api.POST('/api/v1/videos/{id}/completion', {
				params: { path: { id: videoId } },
				body: { parts: known.map((part) => ({ number: part.number, etag: part.etag ?? '' })) },
			}),
		);
		this.#completed = true;
	}

	async #create(): Promise<Part[]> {
		const made = await answer(
			api.POST('/api/v1/videos', {
				body: {
					filename: this.file.name,
					size: this.file.size,
					content_type: contentType(this.file),
					branch_id: this.lesson.branchId,
				},
			}),
		);
		this.#videoId = made.id;
		this.#partSize = made.part_size;
		uploads.keep({
			videoId: made.id,
			accountId: session.account?.id ?? '',
			courseId: this.lesson.courseId,
			branchId: this.lesson.branchId,
			lessonTitle: this.lesson.title,
			credits: this.lesson.credits,
			fileName: this.file.name,
			size: this.file.size,
			replaces: this.lesson.replaces,
		});
		if (this.lesson.captions !== null) await putCaptions(made.id, 'zh-CN', this.lesson.captions);
		return made.parts;
	}

	/** All parts with fresh addresses for those that have not arrived. */
	async #missing(): Promise<Part[]> {
		const known = await answer(
			api.GET('/api/v1/videos/{id}/parts', { params: { path: { id: this.#videoId ?? '' } } }),
		);
		this.#partSize = known.part_size;
		// Completed by a call whose answer was lost: only the lesson is still to be made.
		if (known.status !== 'uploading') this.#completed = true;
		return known.parts;
	}

	#blob(part: Part): Blob {
		const start = (part.number - 1) * this.#partSize;
		return this.file.slice(start, start + this.#partSize);
	}

	async #sendPart(part: Part, signal: AbortSignal): Promise<void> {
		const blob = this.#blob(part);
		for (let attemptNumber = 1; !signal.aborted; attemptNumber += 1) {
			let status = 0;
			try {
				const sent = await send({
					method: 'PUT',
					url: part.url ?? '',
					headers: {},
					body: blob,
					onprogress: (bytes) => (this.#arrived[part.number] = Math.min(bytes, blob.size)),
					signal,
				});
				status = sent.status;
				if (status >= 200 && status < 300) {
					part.etag = sent.header('ETag');
					this.#arrived[part.number] = blob.size;
					return;
				}
			} catch (failure) {
				if (!(failure instanceof ApiError)) throw failure;
			}
			this.#arrived[part.number] = 0;
			if (signal.aborted) return;
			if (attemptNumber >= tries) throw new ApiError(status, null);
			// An address may have run out: a fresh one is part of trying again.
			const fresh = (await this.#missing()).find((other) => other.number === part.number);
			part.url = fresh?.url ?? part.url;
		}
	}

	async #putIntoCourse(): Promise<void> {
		const { courseId, title, credits, replaces } = this.lesson;
		const video = { video_id: this.#videoId ?? '' };
		if (replaces === null)
			await answer(
				api.POST('/api/v1/courses/{id}/lessons', {
					params: { path: { id: courseId } },
					body: {
						title,
						...video,
						...(credits.trim() === '' ? {} : { credits: Number(credits).toFixed(2) }),
					},
				}),
			);
		else
			await answer(
				api.PATCH('/api/v1/lessons/{id}', { params: { path: { id: replaces } }, body: video }),
			);
		if (this.#videoId !== null) uploads.forget(this.#videoId);
	}
}

/** Uploads of this page, which go on while other pages are looked at, and unfinished earlier ones. */
class Uploads {
	running = $state<VideoUpload[]>([]);
	#unfinished = $state<UnfinishedUpload[]>(recallUnfinished());

	/** Uploads of this account for a course that no longer run. */
	unfinished(courseId: string): UnfinishedUpload[] {
		return this.#unfinished.filter(
			(one) =>
				one.courseId === courseId &&
				one.accountId === session.account?.id &&
				!this.running.some((upload) => upload.videoId === one.videoId),
		);
	}

	/** Uploads of this page for a course. */
	ofCourse(courseId: string): VideoUpload[] {
		return this.running.filter((upload) => upload.lesson.courseId === courseId);
	}

	start(file: File, lesson: NewLesson): VideoUpload {
		const upload = new VideoUpload(file, lesson, null);
		this.running.push(upload);
		return upload;
	}

	/** Goes on with an earlier upload; `null` when this is not the file it was of. */
	resume(one: UnfinishedUpload, file: File): VideoUpload | null {
		if (file.name !== one.fileName || file.size !== one.size) return null;
		const { courseId, branchId, lessonTitle: title, credits } = one;
		const upload = new VideoUpload(
			file,
			{ courseId, branchId, title, credits, captions: null, replaces: one.replaces ?? null },
			one.videoId,
		);
		this.running.push(upload);
		return upload;
	}

	/** Takes an upload off the page. */
	drop(upload: VideoUpload): void {
		upload.pause();
		this.running = this.running.filter((other) => other !== upload);
	}

	keep(one: UnfinishedUpload): void {
		this.#unfinished = [...this.#unfinished, one];
		this.#write();
	}

	/** Has the server cancel an upload. One that is gone, or has become a video in use, is only forgotten here. */
	async giveUp(videoId: string): Promise<void> {
		try {
			await answer(api.DELETE('/api/v1/videos/{id}', { params: { path: { id: videoId } } }));
		} catch (failure) {
			const over = failure instanceof ApiError && [404, 409].includes(failure.status);
			if (!over) throw failure;
		}
		this.forget(videoId);
	}

	forget(videoId: string): void {
		this.#unfinished = this.#unfinished.filter((one) => one.videoId !== videoId);
		this.#write();
	}

	#write(): void {
		remember(
			unfinishedKey,
			this.#unfinished.length === 0 ? null : JSON.stringify(this.#unfinished),
		);
	}

	get sending(): boolean {
		return this.running.some((upload) => upload.state === 'sending');
	}

	clear(): void {
		for (const upload of this.running) upload.pause();
		this.running = [];
	}
}

export const uploads = new Uploads();
onForget(() => uploads.clear());
