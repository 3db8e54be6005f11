/** Comes on demand, so that the first page stays light. */
export async function load() {
	const { default: Rewards } = await import('$lib/rewards/Rewards.svelte');
	return { Rewards };
}
