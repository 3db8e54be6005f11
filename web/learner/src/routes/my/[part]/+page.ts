import { error } from '@sveltejs/kit';

/** Prerendered one by one; a name not among them is not found. */
export const entries = () =>
	['helpers', 'helped', 'person', 'data', 'certificates', 'questions', 'devices', 'pin'].map(
		(part) => ({ part }),
	);

/** Comes on demand and together, so that the first page stays light. */
export async function load({ params }) {
	const pages: Partial<typeof import('$lib/my/pages')> = await import('$lib/my/pages');
	const Part = pages[params.part as keyof typeof pages];
	return Part ? { Part } : error(404);
}
