import { answer, api } from '@changqing/shared/api/client';
import { IdempotencyKey } from '@changqing/shared/api/idempotency';
import type { Recognition } from '../api/types';

const key = new IdempotencyKey();
const of = (id: string) => ({ path: { id } });

/** Says that it has been checked, and whether the original was seen. */
export function check(id: string, originalSeen: boolean): Promise<Recognition> {
	const body = { original_seen: originalSeen };
	return answer(api.POST('/api/v1/recognitions/{id}/check', { params: of(id), body }));
}

export function approve(id: string): Promise<Recognition> {
	return answer(api.POST('/api/v1/recognitions/{id}/approval', { params: of(id) }));
}

export function refuse(id: string, reason: string): Promise<Recognition> {
	return answer(
		api.POST('/api/v1/recognitions/{id}/refusal', { params: of(id), body: { reason } }),
	);
}

/** Takes back the credits of what was posted. */
export async function reverse(claim: Recognition, reason: string): Promise<Recognition> {
	const id = claim.posted?.transfer_id ?? '';
	const header = { 'Idempotency-Key': key.for([id, reason]) };
	const params = { path: { id }, header };
	await answer(api.POST('/api/v1/credit-transfers/{id}/reversal', { params, body: { reason } }));
	return answer(api.GET('/api/v1/recognitions/{id}', { params: of(claim.id) }));
}
