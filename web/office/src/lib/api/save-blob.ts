/** Saves a blob under a name, as a click on a link to a file would. */
export function saveBlob(blob: Blob, name: string): void {
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
