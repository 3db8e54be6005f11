/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Helpers } = await import('$lib/helping/Helpers.svelte');
	return { Helpers };
}
