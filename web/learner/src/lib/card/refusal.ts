import type { ApiError } from '@changqing/shared/api/problem';
import { words } from './words';

/** What a refusal means to whom it concerns: how long to wait, where the server says so. */
export function refusalWords(failure: ApiError, wrong: string = words().pin.wrong): string {
	if (failure.status === 429 && failure.retryAfter > 0) return words().wait(failure.retryAfter);
	if (failure.code === 'card_or_pin_invalid') return wrong;
	return failure.message;
}
