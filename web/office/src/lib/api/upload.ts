import { ApiError, isProblem } from '@changqing/shared/api/problem';
import { session } from '@changqing/shared/api/session.svelte';
import { preferences } from '@changqing/shared/preferences.svelte';

/** What came back from a request that reported its progress. */
interface Sent {
	status: number;
	body: string;
	header: (name: string) => string | null;
}

interface Sending {
	method: 'POST' | 'PUT';
	url: string;
	headers: Record<string, string>;
	body: Blob | FormData;
	/** Called with the bytes that have left this machine. */
	onprogress: (bytes: number) => void;
	signal?: AbortSignal | undefined;
}

/**
 * Sends a request that says how much of it has gone; `fetch` cannot.
 *
 * @throws ApiError with status 0 when no answer came or the sending was given up
 */
export function send(sending: Sending): Promise<Sent> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		request.open(sending.method, sending.url);
		for (const [name, value] of Object.entries(sending.headers))
			request.setRequestHeader(name, value);
		request.upload.onprogress = (event) => sending.onprogress(event.loaded);
		request.onload = () =>
			resolve({
				status: request.status,
				body: request.responseText,
				header: (name) => request.getResponseHeader(name),
			});
		request.onerror = () => reject(new ApiError(0, null));
		request.onabort = () => reject(new ApiError(0, null));
		sending.signal?.addEventListener('abort', () => request.abort());
		request.send(sending.body);
	});
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		// A proxy's error page is no JSON; the status says enough.
		return null;
	}
}

/**
 * Uploads one file in the multipart field `file` and gives the answer's body.
 *
 * @throws ApiError as the server refused it, and with status 0 when no answer came
 */
export async function uploadFile<T>(
	path: string,
	file: File,
	onprogress: (bytes: number) => void,
	method: 'POST' | 'PUT' = 'POST',
): Promise<T> {
	const attemptWith = (token: string | null): Promise<Sent> => {
		const body = new FormData();
		body.append('file', file, file.name);
		const headers: Record<string, string> = { 'Accept-Language': preferences.language };
		if (token !== null) headers.Authorization = `Bearer ${token}`;
		return send({ method, url: path, headers, body, onprogress });
	};
	let sent = await attemptWith(await session.currentToken());
	if (sent.status === 401) {
		const fresh = await session.renew();
		if (fresh !== null) sent = await attemptWith(fresh);
	}
	const body = parsed(sent.body);
	if (sent.status >= 200 && sent.status < 300) return body as T;
	throw new ApiError(sent.status, isProblem(body) ? body : null);
}
