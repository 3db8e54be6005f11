const kilobyte = 1024;
const megabyte = kilobyte * 1024;
const gigabyte = megabyte * 1024;

/** How large a file is, in the unit that people know it by. */
export function fileSize(bytes: number): string {
	if (bytes < megabyte) return `${Math.max(1, Math.round(bytes / kilobyte))} KB`;
	if (bytes < gigabyte) return `${(bytes / megabyte).toFixed(1)} MB`;
	return `${(bytes / gigabyte).toFixed(1)} GB`;
}
