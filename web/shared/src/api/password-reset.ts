import { preferences } from '../preferences.svelte';
import { ApiError, isProblem } from './problem';

/**
 * Asks for a link by mail with which to set a new password. The server answers the same for
 * everybody, whether there is such a login or not.
 *
 * @throws ApiError when it could not be asked for
 */
export async function askForLink(login: string): Promise<void> {
	let response: Response;
	try {
		response = await fetch('/api/v1/session/password-reset', {
			method: 'POST',
			headers: {
				'Content-Type': 'application/json',
				'Accept-Language': preferences.language,
			},
			body: JSON.stringify({ login }),
		});
	} catch {
		throw new ApiError(0, null);
	}
	if (response.ok) return;
	const answer: unknown = await response.json().catch(() => null);
	throw new ApiError(response.status, isProblem(answer) ? answer : null);
}
