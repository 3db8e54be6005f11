import type { ApiError } from '@changqing/shared/api/problem';
import type { Fault } from '../courses/lesson-faults';
import { text } from '../messages';
import { secondsOf, type Cue } from './cues';

export const cueId = (cue: Cue): string => `cue-${cue.key}`;

function faultOf(cue: Cue): { part: 'start' | 'end' | 'words'; message: string } | null {
	const words = text().captions;
	const [start, end] = [secondsOf(cue.start), secondsOf(cue.end)];
	if (start === null) return { part: 'start', message: words.timeInvalid };
	if (end === null) return { part: 'end', message: words.timeInvalid };
	if (end <= start) return { part: 'end', message: words.orderInvalid };
	if (cue.words.trim() === '') return { part: 'words', message: words.wordsMissing };
	return null;
}

const said = (cue: Cue, number: number, part: string, message: string): Fault => ({
	field: `${cueId(cue)}-${part}`,
	message: text().captions.fault(text().captions.cue(number), message),
});

/** What can be said before the server is asked, one thing for each cue. */
export function cueFaults(cues: Cue[]): Fault[] {
	return cues.flatMap((cue, index) => {
		const fault = faultOf(cue);
		return fault === null ? [] : [said(cue, index + 1, fault.part, fault.message)];
	});
}

/** What the server refused, each at the cue it is about. */
export function refusedCues(cues: Cue[], failure: ApiError): Fault[] {
	const named = failure.problem?.errors ?? [];
	if (named.length === 0) return [{ message: failure.message }];
	return named.map(({ field, code, detail }) => {
		const number = Number(/^cues\.(\d+)$/.exec(field)?.[1]);
		const cue = cues[number - 1];
		if (cue === undefined) return { message: detail };
		return said(cue, number, code === 'caption_times_invalid' ? 'start' : 'words', detail);
	});
}
