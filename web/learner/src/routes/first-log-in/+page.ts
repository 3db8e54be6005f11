/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: FirstLogIn } = await import('$lib/first-log-in/FirstLogIn.svelte');
	return { FirstLogIn };
}
