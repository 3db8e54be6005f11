/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Leave } = await import('$lib/leaving/Leave.svelte');
	return { Leave };
}
