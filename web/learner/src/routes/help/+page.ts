/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Help } = await import('$lib/pages/Help.svelte');
	return { Help };
}
