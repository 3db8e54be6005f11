/** What somebody has shown: the six digits of their phone, or what was read from their card. */
export type Shown = { code: string } | { card: string };

/**
 * What a card says; `null` where nothing was typed. A scanner types the whole address of the card; what
 * says whose it is stands behind the `#`.
 */
export function readCard(typed: string): string | null {
	const text = typed.trim();
	return text === '' ? null : text.slice(text.lastIndexOf('#') + 1);
}

/** Six digits are a code, anything else is a card. */
export function readShown(typed: string): Shown | null {
	if (/^\d{6}$/.test(typed.trim())) return { code: typed.trim() };
	const card = readCard(typed);
	return card === null ? null : { card };
}
