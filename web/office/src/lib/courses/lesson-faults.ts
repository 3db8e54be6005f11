import type { ApiError } from '@changqing/shared/api/problem';
import { text } from '../messages';
import { optionsOf, type LessonDraft, type QuestionDraft } from './lesson-draft';

/** One thing to put right; `field` is the id of what it is about. */
export interface Fault {
	field?: string | undefined;
	message: string;
}

export const questionId = (form: string, question: QuestionDraft): string =>
	`${form}-question-${question.key}`;

const isWhole = (value: string, from: number, to: number): boolean =>
	/^\d{1,5}$/.test(value.trim()) && Number(value) >= from && Number(value) <= to;

export const creditsFit = (credits: string): boolean =>
	/^\d{1,5}(\.\d{1,2})?$/.test(credits.trim());

function questionFaults(form: string, question: QuestionDraft, number: number): Fault[] {
	const words = text().lessons.quiz;
	const id = questionId(form, question);
	const found: Fault[] = [];
	const say = (field: string, message: string): void => {
		found.push({ field, message: words.of(words.question(number), message) });
	};
	if (question.text.trim() === '') say(`${id}-text`, words.textMissing);
	const options = optionsOf(question);
	for (const [index, option] of options.entries())
		if (option.text.trim() === '') say(`${id}-${option.key}`, words.optionMissing(index + 1));
	if (!options.some((option) => option.right)) say(`${id}-options`, words.rightMissing);
	return found;
}

function quizFaults(form: string, draft: LessonDraft): Fault[] {
	const words = text().lessons.quiz;
	const found = draft.questions.flatMap((question, index) =>
		questionFaults(form, question, index + 1),
	);
	const count = draft.questions.length;
	if (count === 0) return [{ field: `${form}-add-question`, message: words.noQuestions }];
	if (draft.draw.trim() !== '' && !isWhole(draft.draw, 1, count))
		found.unshift({ field: `${form}-draw`, message: words.drawInvalid(count) });
	return found;
}

/**
 * What can be said before the server is asked, in the order of the form. `form`: what the ids of its
 * fields begin with; `withoutVideo`: whether the file that a new video lesson needs is missing.
 */
export function lessonFaults(form: string, draft: LessonDraft, withoutVideo: boolean): Fault[] {
	const found: Fault[] = [];
	const say = (field: string, message: string): void => {
		found.push({ field: `${form}-${field}`, message });
	};
	if (draft.title.trim() === '') say('title', text().courses.lessonNameMissing);
	if (withoutVideo) say('video', text().courses.fileMissing);
	if (draft.kind === 'article' && draft.article.trim() === '')
		say('article', text().lessons.articleMissing);
	if (draft.credits.trim() !== '' && !creditsFit(draft.credits))
		say('credits', text().courses.fields.creditsInvalid);
	if (draft.kind !== 'article' && !isWhole(draft.percent, 1, 100))
		say('percent', text().lessons.percentInvalid);
	return draft.kind === 'quiz' ? [...found, ...quizFaults(form, draft)] : found;
}

/** What a field of the API is called in the form. */
const fields: Record<string, string> = {
	title: 'title',
	credits: 'credits',
	completion_percent: 'percent',
	'article.text': 'article',
	'quiz.draw': 'draw',
	'quiz.questions': 'add-question',
};

function faultOf(form: string, draft: LessonDraft, field: string, message: string): Fault {
	const own = fields[field];
	if (own !== undefined) return { field: `${form}-${own}`, message };
	const [, place, part] = /^quiz\.questions\.(\d+)\.(\w+)$/.exec(field) ?? [];
	const question = draft.questions[Number(place)];
	if (question === undefined) return { message };
	const words = text().lessons.quiz;
	return {
		field: `${questionId(form, question)}-${part}`,
		message: words.of(words.question(Number(place) + 1), message),
	};
}

/** What the server refused, each at the field it is about, and each said once. */
export function refusedFaults(form: string, draft: LessonDraft, failure: ApiError): Fault[] {
	const named = failure.problem?.errors ?? [];
	if (named.length === 0) return [{ message: failure.message }];
	const found: Fault[] = [];
	for (const error of named) {
		const fault = faultOf(form, draft, error.field, error.detail);
		const again = found.some(
			(other) => other.field === fault.field && other.message === fault.message,
		);
		if (!again) found.push(fault);
	}
	return found;
}
