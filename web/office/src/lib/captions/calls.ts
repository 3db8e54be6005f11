import { answer, api } from '@changqing/shared/api/client';

/** Gives a video captions in a language, or replaces them: WebVTT, or a file in any encoding. */
export async function putCaptions(
	id: string,
	language: string,
	captions: string | File,
): Promise<void> {
	const type = typeof captions === 'string' ? 'text/vtt' : 'application/octet-stream';
	await answer(
		api.PUT('/api/v1/videos/{id}/captions/{language}', {
			params: { path: { id, language } },
			// A file goes as it is: the server finds out its encoding.
			body: '',
			headers: { 'Content-Type': type },
			bodySerializer: () => captions,
		}),
	);
}

export async function removeCaptions(id: string, language: string): Promise<void> {
	const params = { path: { id, language } };
	await answer(api.DELETE('/api/v1/videos/{id}/captions/{language}', { params }));
}

/** The captions as they are kept: WebVTT. */
export async function captionsOf(id: string, language: string): Promise<string> {
	const params = { path: { id, language } };
	const call = api.GET('/api/v1/managed-videos/{id}/captions/{language}', {
		params,
		parseAs: 'text',
	});
	return answer(call);
}
