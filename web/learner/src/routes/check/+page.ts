/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Check } = await import('$lib/statement/Check.svelte');
	return { Check };
}
