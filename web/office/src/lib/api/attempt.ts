import { ApiError } from '@changqing/shared/api/problem';

/** Does something and gives the refusal instead of throwing it; a fault of this program is thrown. */
export async function attempt(work: () => Promise<void>): Promise<ApiError | null> {
	try {
		await work();
		return null;
	} catch (failure) {
		if (failure instanceof ApiError) return failure;
		throw failure;
	}
}
