/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Forgotten } = await import('$lib/password-reset/Forgotten.svelte');
	return { Forgotten };
}
