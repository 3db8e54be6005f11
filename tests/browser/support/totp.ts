import { createHmac } from 'node:crypto';

const STEP_SECONDS = 30;

/** The 30-second step that the world's clocks are in. */
export const currentStep = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);

function bytes(base32: string): Buffer {
	const bits = [...base32.replace(/=+$/, '')]
		.map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter))
		.map((value) => value.toString(2).padStart(5, '0'))
		.join('');
	return Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? []);
}

/** What an authenticator with this secret shows in a step (RFC 6238, and 5.3 of RFC 4226). */
export function codeAt(secret: string, step: number): string {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(step));
	const digest = createHmac('sha1', bytes(secret)).update(counter).digest();
	const offset = digest.readUInt8(digest.length - 1) & 15;
	const number = (digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
	return String(number).padStart(6, '0');
}
