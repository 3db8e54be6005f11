/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Check } = await import('$lib/certificates/Check.svelte');
	return { Check };
}
