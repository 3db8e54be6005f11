/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: HelpedPeople } = await import('$lib/helping/HelpedPeople.svelte');
	return { HelpedPeople };
}
