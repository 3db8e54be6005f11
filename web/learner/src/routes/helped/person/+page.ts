/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: HelpedPerson } = await import('$lib/helping/HelpedPerson.svelte');
	return { HelpedPerson };
}
