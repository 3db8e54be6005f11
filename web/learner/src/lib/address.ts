import { browser } from '$app/environment';
import { page } from '$app/state';

/** One value of the page's query; empty while prerendering, when there is no query. */
export function query(name: string): string {
	return browser ? (page.url.searchParams.get(name) ?? '') : '';
}

/** The log-in page, leading back to where one is. */
export function logInAddress(): string {
	if (!browser) return '/log-in/';
	return `/log-in/?next=${encodeURIComponent(page.url.pathname + page.url.search)}`;
}

/** The page that takes a learner card, leading to where this one would. */
export function cardAddress(): string {
	const next = query('next');
	return next ? `/card/?next=${encodeURIComponent(next)}` : '/card/';
}

/** Where to go after logging in: a path on this site and nowhere else. */
export function nextAddress(): string {
	const next = query('next');
	return /^\/(?![/\\])/.test(next) ? next : '/';
}

/** The page of one lesson of a course. It says what is not watched, so that no video is asked for. */
export function lessonAddress(course: string, lesson: { id: string; kind: string }): string {
	const address = `/lesson/?course=${encodeURIComponent(course)}&lesson=${encodeURIComponent(lesson.id)}`;
	return lesson.kind === 'video' ? address : `${address}&kind=${encodeURIComponent(lesson.kind)}`;
}
