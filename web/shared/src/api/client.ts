import createClient from 'openapi-fetch';
import { preferences } from '../preferences.svelte';
import { ApiError, isProblem, refusal } from './problem';
import type { paths } from './schema';
import { session } from './session.svelte';

/** Sends a request with the reader's language and token, and once more after a fresh token. */
export async function authorizedFetch(request: Request): Promise<Response> {
	request.headers.set('Accept-Language', preferences.language);
	const token = await session.currentToken();
	const again = token === null ? null : request.clone();
	if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
	const response = await fetch(request);
	if (response.status !== 401 || again === null) return response;
	// What is no matter of the token, such as a wrong password, must not be sent twice.
	const problem: unknown = await response
		.clone()
		.json()
		.catch(() => null);
	if (isProblem(problem) && problem.code !== 'token_invalid') return response;
	const fresh = await session.renew();
	if (fresh === null) return response;
	again.headers.set('Authorization', `Bearer ${fresh}`);
	return fetch(again);
}

const origin = typeof location === 'undefined' ? 'http://localhost' : location.origin;

/** Sends a request as a visitor, without waiting to learn who is there. */
function visitorFetch(request: Request): Promise<Response> {
	request.headers.set('Accept-Language', preferences.language);
	return fetch(request);
}

/** What everybody may read, with the types of the API's OpenAPI document. */
export const publicApi = createClient<paths>({ baseUrl: origin, fetch: visitorFetch });

/** The API with the types of its OpenAPI document. Wrap each call in `answer`. */
export const api = createClient<paths>({ baseUrl: origin, fetch: authorizedFetch });

type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/**
 * Waits for a call and gives its body.
 *
 * @throws ApiError for every refusal, and with status 0 when no answer came
 */
export async function answer<T>(call: Call<T>): Promise<NonNullable<T>> {
	let result;
	try {
		result = await call;
	} catch (failure) {
		if (failure instanceof ApiError) throw failure;
		throw new ApiError(0, null);
	}
	const { data, error, response } = result;
	if (!response.ok) throw refusal(response, error);
	return data as NonNullable<T>;
}
