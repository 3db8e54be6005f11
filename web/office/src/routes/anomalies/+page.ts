/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Content } = await import('$lib/anomalies/AnomaliesPage.svelte');
	return { Content };
}
