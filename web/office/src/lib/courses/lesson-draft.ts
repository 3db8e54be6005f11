import type { LessonChange, ManagedLesson, QuestionKind, Quiz } from '../api/types';
import { text } from '../messages';

export type LessonKind = 'video' | 'article' | 'quiz';

/** An answer to choose from, as the form holds it. */
export interface OptionDraft {
	/** Tells it from the others while it has no id. */
	key: string;
	id: string | null;
	text: string;
	right: boolean;
}

/** A question as the form holds it. */
export interface QuestionDraft {
	key: string;
	id: string | null;
	kind: QuestionKind;
	text: string;
	/** Kept while the question is one of true and false, in case that was a slip. */
	options: OptionDraft[];
	/** True and false, for the kind that has these two. */
	verdicts: OptionDraft[];
	explanation: string;
}

/** A lesson as its form holds it: what each kind needs, so that choosing another loses nothing. */
export interface LessonDraft {
	kind: LessonKind;
	title: string;
	credits: string;
	/** Of a video or a quiz: the share to be watched, or to be answered rightly. */
	percent: string;
	article: string;
	questions: QuestionDraft[];
	draw: string;
	/** Whether the order changes each time: the one value, or none. */
	shuffle: string[];
}

const usualPass = 60;
/** The most and the fewest answers a question can have. */
export const optionLimits = { most: 10, fewest: 2 };

let keys = 0;
const newKey = (): string => String((keys += 1));

export const newOption = (words = ''): OptionDraft => ({
	key: newKey(),
	id: null,
	text: words,
	right: false,
});

const newVerdicts = (): OptionDraft[] => [
	newOption(text().lessons.quiz.yes),
	newOption(text().lessons.quiz.no),
];

export const newQuestion = (): QuestionDraft => ({
	key: newKey(),
	id: null,
	kind: 'single',
	text: '',
	options: [newOption(), newOption()],
	verdicts: newVerdicts(),
	explanation: '',
});

/** The draft of a new lesson. */
export function newLesson(kind: LessonKind): LessonDraft {
	return {
		kind,
		title: '',
		credits: '',
		percent: String(usualPass),
		article: '',
		questions: [newQuestion()],
		draw: '',
		shuffle: [],
	};
}

function questionDraftOf(question: Quiz['questions'][number]): QuestionDraft {
	const known = question.options.map((option) => ({ key: newKey(), ...option }));
	const verdict = question.kind === 'true_false';
	return {
		key: newKey(),
		id: question.id,
		kind: question.kind,
		text: question.text,
		options: verdict ? [newOption(), newOption()] : known,
		verdicts: verdict ? known : newVerdicts(),
		explanation: question.explanation,
	};
}

/** The draft to change a lesson with. */
export function lessonDraftOf(lesson: ManagedLesson): LessonDraft {
	return {
		kind: lesson.kind as LessonKind,
		title: lesson.title,
		credits: String(Number(lesson.credits)),
		percent: String(lesson.completion_percent),
		article: lesson.article?.text ?? '',
		questions: (lesson.quiz?.questions ?? []).map(questionDraftOf),
		draw: String(lesson.quiz?.draw ?? ''),
		shuffle: lesson.quiz?.shuffle ? ['shuffle'] : [],
	};
}

/** The answers that a question offers as it stands. */
export function optionsOf(question: QuestionDraft): OptionDraft[] {
	return question.kind === 'true_false' ? question.verdicts : question.options;
}

function quizOf(draft: LessonDraft): Quiz {
	return {
		questions: draft.questions.map((question) => ({
			id: question.id,
			kind: question.kind,
			text: question.text.trim(),
			options: optionsOf(question).map(({ id, text: words, right }) => ({
				id,
				text: words.trim(),
				right,
			})),
			explanation: question.explanation.trim(),
		})),
		draw: draft.draw.trim() === '' ? null : Number(draft.draw),
		shuffle: draft.shuffle.length > 0,
	};
}

/** The draft as the API takes it, for a new lesson as for a change; a video is named elsewhere. */
export function lessonFieldsOf(draft: LessonDraft): LessonChange & { title: string } {
	const credits = draft.credits.trim();
	return {
		title: draft.title.trim(),
		credits: (credits === '' ? 0 : Number(credits)).toFixed(2),
		...(draft.kind === 'article'
			? { article: { text: draft.article.trim() } }
			: { completion_percent: Number(draft.percent) }),
		...(draft.kind === 'quiz' ? { quiz: quizOf(draft) } : {}),
	};
}
