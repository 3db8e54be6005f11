/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Recognition } = await import('$lib/recognition/Recognition.svelte');
	return { Recognition };
}
