/** A watched piece of a lesson in seconds: from, up to but not including, to. */
export type Interval = [number, number];

/** More than this between two positions, in media seconds per second passed, was a jump. */
const fastest = 1.6;
/** What a late event may add, seconds. */
const slack = 1.5;

/**
 * Collects what was really played. It is told each position the player reports; what lies between
 * two of them counts when playing could have covered it in the time that passed.
 */
export class WatchTracker {
	#intervals: Interval[] = [];
	#position: number | null = null;
	#heardAt = 0;

	/**
	 * The player has come to `position` (media seconds) by playing.
	 *
	 * @param now a clock in milliseconds that only goes forward
	 */
	played(position: number, now: number): void {
		const before = this.#position;
		const passed = (now - this.#heardAt) / 1000;
		this.#position = position;
		this.#heardAt = now;
		if (before === null) return;
		const covered = position - before;
		if (covered <= 0 || covered > passed * fastest + slack) return;
		this.#add(before, position);
	}

	/** The player stands at `position` without having played to it: a seek, a new source. */
	jumped(position: number, now: number): void {
		this.#position = position;
		this.#heardAt = now;
	}

	#add(from: number, to: number): void {
		const last = this.#intervals[this.#intervals.length - 1];
		if (last && Math.abs(last[1] - from) < 0.01) last[1] = to;
		else this.#intervals.push([from, to]);
	}

	/** Hands over what was collected since the last time, in milliseconds' precision. */
	take(): Interval[] {
		const taken = this.#intervals;
		this.#intervals = [];
		return taken.map(([from, to]) => [round(from), round(to)]);
	}
}

function round(seconds: number): number {
	return Math.round(seconds * 1000) / 1000;
}
