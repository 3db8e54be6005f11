/**
 * A client-made UUID (version 4) for the `Idempotency-Key` header. `crypto.randomUUID` is missing
 * on older phones and on plain HTTP, `crypto.getRandomValues` is not.
 */
export function newIdempotencyKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		hex.slice(12, 16),
		hex.slice(16, 20),
		hex.slice(20),
	].join('-');
}

/**
 * Keeps one key for as long as the same input is tried again, and makes another when the input
 * has changed: a lost answer is asked for again without doing the work twice.
 */
export class IdempotencyKey {
	#input = '';
	#key = '';

	/** @param input what will be sent, in any form that JSON can hold */
	for(input: unknown): string {
		const text = JSON.stringify(input);
		if (text !== this.#input || this.#key === '') {
			this.#input = text;
			this.#key = newIdempotencyKey();
		}
		return this.#key;
	}
}
