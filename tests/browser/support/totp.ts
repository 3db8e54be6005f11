import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';

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

/** Longer than anybody waits for a code and uses it: whoever holds it so long was stopped. */
const LONGEST_TURN = 100_000;

function take(turn: string): boolean {
	try {
		mkdirSync(turn);
		return true;
	} catch {
		return false;
	}
}

/** Another may have taken it for given up and given it back already. */
function giveBack(turn: string): void {
	rmSync(turn, { recursive: true, force: true });
}

function takeFromTheDead(turn: string): void {
	const since = statSync(turn, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
	if (Date.now() - since > LONGEST_TURN) giveBack(turn);
}

function lastStep(file: string): number {
	try {
		return Number(readFileSync(file, 'utf8'));
	} catch {
		return 0;
	}
}

/**
 * Uses a code of this authenticator that is good and that nobody has used: the server takes each
 * once, in their order, and one step to either side of its clock. Workers take turns; who finds all
 * codes spent waits for the next, as a person does.
 */
export async function withFreshCode<T>(
	secret: string,
	use: (code: string) => Promise<T>,
): Promise<T> {
	const folder = join(process.env.CHANGQING_TEST_DATA ?? '', 'codes-used');
	mkdirSync(folder, { recursive: true });
	const file = join(folder, createHash('sha256').update(secret).digest('hex'));
	const turn = `${file}-turn`;
	const taken = () => {
		takeFromTheDead(turn);
		return take(turn);
	};
	await expect.poll(taken, { timeout: 120_000, intervals: [100] }).toBe(true);
	try {
		const step = Math.max(lastStep(file) + 1, currentStep());
		const shown = () => currentStep() + 1 >= step;
		await expect.poll(shown, { timeout: 65_000, intervals: [250] }).toBe(true);
		writeFileSync(file, String(step));
		return await use(codeAt(secret, step));
	} finally {
		giveBack(turn);
	}
}
