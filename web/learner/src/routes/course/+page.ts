/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Course } = await import('$lib/pages/Course.svelte');
	return { Course };
}
