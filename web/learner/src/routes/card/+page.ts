/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Card } = await import('$lib/card/Card.svelte');
	return { Card };
}
