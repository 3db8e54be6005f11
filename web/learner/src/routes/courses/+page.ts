/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Courses } = await import('$lib/pages/Courses.svelte');
	return { Courses };
}
