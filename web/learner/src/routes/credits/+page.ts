/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Credits } = await import('$lib/pages/Credits.svelte');
	return { Credits };
}
