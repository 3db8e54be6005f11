/**
 * Asks again and again how far something is: waits for the answer, pauses so many milliseconds and
 * asks anew, whatever came. An answer that takes longer than the pause is waited for all the same.
 *
 * @returns what ends it, as an effect wants it
 */
export function askAgain(pause: number, ask: () => Promise<void>): () => void {
	let ended = false;
	let timer = setTimeout(next, pause);

	async function next(): Promise<void> {
		try {
			await ask();
		} finally {
			if (!ended) timer = setTimeout(next, pause);
		}
	}

	return () => {
		ended = true;
		clearTimeout(timer);
	};
}
