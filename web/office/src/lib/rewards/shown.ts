/** What somebody has shown: the six digits of their phone, or what was read from their card. */
export type Shown = { code: string } | { card: string };

/** A scanner types the whole address of the card; what says whose it is stands behind the `#`. */
export function readShown(typed: string): Shown | null {
	const text = typed.trim();
	if (text === '') return null;
	if (/^\d{6}$/.test(text)) return { code: text };
	const mark = text.lastIndexOf('#');
	return { card: mark < 0 ? text : text.slice(mark + 1) };
}
