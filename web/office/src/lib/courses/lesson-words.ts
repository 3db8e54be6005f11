import { formatCredits, wholeMinutes } from '@changqing/shared/format';
import type { ManagedLesson } from '../api/types';
import { text, wordsFor } from '../messages';

function videoWords(lesson: ManagedLesson): string[] {
	const state = wordsFor(text().courses.video, lesson.video_status ?? 'none');
	return lesson.video_status === 'ready' && lesson.duration_seconds !== null
		? [state, text().courses.minutes(wholeMinutes(lesson.duration_seconds))]
		: [state];
}

/** In a few words what a lesson consists of and what it earns. */
export function lessonWords(lesson: ManagedLesson): string {
	const words = text().lessons;
	const { article, quiz } = lesson;
	const said = [];
	if (article) said.push(words.characters(article.text.replace(/\s/g, '').length));
	else if (quiz)
		said.push(
			words.questions(quiz.questions.length, quiz.draw),
			words.pass(lesson.completion_percent),
		);
	else said.push(...videoWords(lesson));
	if (Number(lesson.credits) > 0) said.push(words.credits(formatCredits(lesson.credits)));
	return said.join(text().parts.comma);
}
