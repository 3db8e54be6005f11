/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Reset } = await import('$lib/password-reset/Reset.svelte');
	return { Reset };
}
