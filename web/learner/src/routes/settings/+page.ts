/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Settings } = await import('$lib/pages/Settings.svelte');
	return { Settings };
}
