/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: MyData } = await import('$lib/my-data/MyData.svelte');
	return { MyData };
}
