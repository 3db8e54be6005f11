/** The longer side of a picture as it is sent, in pixels: enough to read a certificate. */
const most = 2000;

/**
 * A picture as it is sent: no larger than it must be, and drawn anew, so that where and when it was
 * taken does not go along. What this browser cannot draw is sent as it is, and the server decides.
 * @param longest of its longer side, in pixels
 */
export async function shrunk(file: File, longest = most): Promise<Blob> {
	if (typeof createImageBitmap !== 'function') return file;
	let picture: ImageBitmap;
	try {
		picture = await createImageBitmap(file);
	} catch {
		// No picture, or one of a kind that this browser does not know.
		return file;
	}
	const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
	const canvas = document.createElement('canvas');
	canvas.width = Math.max(1, Math.round(picture.width * scale));
	canvas.height = Math.max(1, Math.round(picture.height * scale));
	const context = canvas.getContext('2d');
	if (context) {
		// What can be seen through would turn black.
		context.fillStyle = '#fff';
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(picture, 0, 0, canvas.width, canvas.height);
	}
	picture.close();
	const drawn = await new Promise<Blob | null>((resolve) =>
		canvas.toBlob(resolve, 'image/jpeg', 0.85),
	);
	return drawn ?? file;
}
