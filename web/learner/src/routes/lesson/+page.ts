/** The player comes on demand: the pages before it stay light. */
export async function load() {
	const { default: LessonPage } = await import('$lib/watch/LessonPage.svelte');
	return { LessonPage };
}
