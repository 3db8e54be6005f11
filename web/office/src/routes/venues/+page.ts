/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Content } = await import('$lib/venues/VenuesPage.svelte');
	return { Content };
}
