/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Content } = await import('$lib/year/YearPage.svelte');
	return { Content };
}
