import { answer, api } from '@changqing/shared/api/client';
import { saveBlob } from '$lib/api/save-blob';

/** Fetches a month's figures as a file and saves it. */
export async function saveMonth(
	month: string,
	format: 'csv' | 'xlsx',
	name: string,
): Promise<void> {
	const body = await answer(
		api.GET('/api/v1/reports/months/{month}/export', {
			params: { path: { month }, query: { format } },
			parseAs: 'blob',
		}),
	);
	saveBlob(body as unknown as Blob, name);
}
