import { answer, api } from '@changqing/shared/api/client';
import { saveBlob } from '$lib/api/save-blob';

/** Fetches a month's figures as a file and saves it. */
export async function saveMonth(
	month: string,
	format: 'csv' | 'xlsx' | 'pdf',
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

/** Fetches the page about one school and saves it. */
export async function saveBranchPage(month: string, branch: string, name: string): Promise<void> {
	const body = await answer(
		api.GET('/api/v1/reports/months/{month}/branches/{id}/export', {
			params: { path: { month, id: branch }, query: { format: 'pdf' } },
			parseAs: 'blob',
		}),
	);
	saveBlob(body as unknown as Blob, name);
}
