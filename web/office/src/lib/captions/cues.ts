/** Words shown from a moment to another, as their form holds them. */
export interface Cue {
	/** Tells it from the others. */
	key: string;
	/** Times as they were typed. */
	start: string;
	end: string;
	words: string;
	/** Whether its fields are shown. */
	open: boolean;
}

let keys = 0;

export const newCue = (start: string, end: string, words = '', open = true): Cue => ({
	key: String((keys += 1)),
	start,
	end,
	words,
	open,
});

/** The seconds that a typed time stands for: `1:05.5`, `00:01:05,500`, `65`; `null` for anything else. */
export function secondsOf(typed: string): number | null {
	// Chinese keyboards write their own colons and stops.
	const plain = typed
		.trim()
		.replace(/：/g, ':')
		.replace(/[，,。．]/g, '.');
	const [, hours = '0', minutes = '0', seconds = ''] =
		/^(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2}(?:\.\d{1,3})?)$/.exec(plain) ?? [];
	if (seconds === '' || Number(minutes) > 59) return null;
	// Seconds alone may go on to 99; behind minutes they end at 59.
	if (plain.includes(':') && Number(seconds) >= 60) return null;
	return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** A moment as it is shown and typed: `1:05.500`, `1:00:05.000`. */
export function shownTime(seconds: number): string {
	const milliseconds = Math.round(Math.max(0, seconds) * 1000);
	const rest = String(milliseconds % 60_000).padStart(5, '0');
	const minutes = Math.floor(milliseconds / 60_000);
	const clock = `${rest.slice(0, 2)}.${rest.slice(2)}`;
	if (minutes < 60) return `${minutes}:${clock}`;
	return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${clock}`;
}

/** A moment as WebVTT writes it; what is no time stays as it was typed, for the server to refuse. */
function clock(typed: string): string {
	const seconds = secondsOf(typed);
	if (seconds === null) return typed.trim().replace(/\s/g, '');
	const [minutes = '', rest = ''] = shownTime(seconds % 3600).split(':');
	const hours = String(Math.floor(seconds / 3600)).padStart(2, '0');
	return `${hours}:${minutes.padStart(2, '0')}:${rest}`;
}

const escaped = (words: string): string =>
	words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const plainWords = (words: string): string =>
	words.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

/** An empty line would end the cue. */
const lines = (words: string): string[] =>
	words
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter((line) => line !== '');

/** The cues of captions as the server keeps them. */
export function readCues(captions: string): Cue[] {
	const found: Cue[] = [];
	for (const block of captions.replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
		const [times = '', ...words] = block.trim().split('\n');
		const [start, end] = times.split('-->').map((one) => secondsOf(one));
		if (start === undefined || end === undefined || start === null || end === null) continue;
		found.push(newCue(shownTime(start), shownTime(end), plainWords(words.join('\n')), false));
	}
	return found;
}

/** The cues as WebVTT. */
export function writeCues(cues: Pick<Cue, 'start' | 'end' | 'words'>[]): string {
	const blocks = cues.map(
		({ start, end, words }) =>
			`\n${clock(start)} --> ${clock(end)}\n${lines(words).map(escaped).join('\n')}\n`,
	);
	return `WEBVTT\n${blocks.join('')}`;
}
