import { answer, api } from '@changqing/shared/api/client';

/** Saves a blob under a name, as a click on a link to a file would. */
function saveBlob(blob: Blob, name: string): void {
	const link = document.createElement('a');
	const address = URL.createObjectURL(blob);
	link.href = address;
	link.download = name;
	document.body.append(link);
	link.click();
	link.remove();
	// The browser has taken the address by the end of the click's own task.
	setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

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
