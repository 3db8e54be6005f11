import { SvelteMap } from 'svelte/reactivity';
import { onForget } from '../staff/forget';
import { readCues, writeCues, type Cue } from './cues';

/** Captions of one language being written, as they were kept and as they stand. */
export class WrittenCaptions {
	readonly videoId: string;
	readonly language: string;
	cues: Cue[];
	readonly #before: string;
	/** As the server would get them. */
	readonly webvtt: string = $derived.by(() => writeCues(this.cues));
	/** Whether anything was written that would be lost. */
	readonly changed: boolean = $derived.by(() => this.webvtt !== this.#before);

	constructor(videoId: string, language: string, kept: string) {
		this.videoId = videoId;
		this.language = language;
		this.cues = $state(readCues(kept));
		this.#before = writeCues(readCues(kept));
	}
}

const keyOf = (videoId: string, language: string): string => `${videoId} ${language}`;

/** Captions that were opened: what is written is still there after a look at another page. */
class AllWritten {
	readonly #kept = new SvelteMap<string, WrittenCaptions>();

	of(videoId: string, language: string): WrittenCaptions | undefined {
		return this.#kept.get(keyOf(videoId, language));
	}

	/** Begins with what is kept; what was written before goes. */
	begin(videoId: string, language: string, kept: string): void {
		this.#kept.set(keyOf(videoId, language), new WrittenCaptions(videoId, language, kept));
	}

	close(videoId: string, language: string): void {
		this.#kept.delete(keyOf(videoId, language));
	}

	/** Languages in which something is written and not saved. */
	unsaved(videoId: string): string[] {
		return [...this.#kept.values()]
			.filter((one) => one.videoId === videoId && one.changed)
			.map((one) => one.language);
	}

	has(): boolean {
		return [...this.#kept.values()].some((one) => one.changed);
	}

	clear(): void {
		this.#kept.clear();
	}
}

export const written = new AllWritten();
onForget(() => written.clear());
