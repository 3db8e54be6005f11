/** Why there is no picture. */
export type CameraFault = 'refused' | 'absent';

/** Looks for a square code in what a video shows; answers its text, or `null`. */
type Reader = (video: HTMLVideoElement) => Promise<string | null>;

interface Detector {
	detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
	new (options: { formats: string[] }): Detector;
	getSupportedFormats(): Promise<string[]>;
}

/** Longest side of what is searched, pixels: enough for a card that fills half the picture. */
const mostPixels = 640;
const pause = 120;

/** The browser's own, where it has one that knows square codes. */
async function ownReader(): Promise<Reader | null> {
	const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
	if (!BarcodeDetector) return null;
	try {
		const formats = await BarcodeDetector.getSupportedFormats();
		if (!formats.includes('qr_code')) return null;
		const detector = new BarcodeDetector({ formats: ['qr_code'] });
		return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
	} catch {
		// Some phones name it and have nothing behind it.
		return null;
	}
}

async function libraryReader(): Promise<Reader> {
	const { default: decode } = await import('qr/decode.js');
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d', { willReadFrequently: true });
	return (video) => {
		const { videoWidth, videoHeight } = video;
		const scale = Math.min(1, mostPixels / Math.max(videoWidth, videoHeight));
		canvas.width = Math.round(videoWidth * scale);
		canvas.height = Math.round(videoHeight * scale);
		if (!context || canvas.width === 0) return Promise.resolve(null);
		context.drawImage(video, 0, 0, canvas.width, canvas.height);
		const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
		try {
			return Promise.resolve(decode({ data, width, height }));
		} catch {
			// Most pictures hold no code.
			return Promise.resolve(null);
		}
	};
}

/** Opens the camera that looks away from the reader. */
async function openCamera(): Promise<MediaStream | CameraFault> {
	// Missing on plain HTTP and in some browsers inside other programs.
	const devices: MediaDevices | undefined = navigator.mediaDevices;
	if (!devices?.getUserMedia) return 'absent';
	try {
		return await devices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
	} catch (failure) {
		const name = failure instanceof DOMException ? failure.name : '';
		return name === 'NotAllowedError' || name === 'SecurityError' ? 'refused' : 'absent';
	}
}

/** What a learner card's square code holds behind the `#`; `null`: it is something else. */
export function cardIn(text: string): string | null {
	return /\/card\/#([\w-]{16,64})$/.exec(text.trim())?.[1] ?? null;
}

/** A camera at work, until it has read a card or is stopped. */
export class Scan {
	#stream: MediaStream | null = null;
	#stopped = false;

	/**
	 * Shows the camera's picture in `video` and calls `onread` with each code that it holds, until
	 * `onread` answers that it was the right one. Answers why there is no picture, or `null`.
	 */
	async start(
		video: HTMLVideoElement,
		onread: (text: string) => boolean,
	): Promise<CameraFault | null> {
		const opened = await openCamera();
		if (typeof opened === 'string') return opened;
		this.#stream = opened;
		if (this.#stopped) {
			this.stop();
			return null;
		}
		video.srcObject = opened;
		try {
			await video.play();
		} catch {
			this.stop();
			return 'absent';
		}
		const read = (await ownReader()) ?? (await libraryReader());
		void this.#look(video, read, onread);
		return null;
	}

	async #look(
		video: HTMLVideoElement,
		read: Reader,
		onread: (text: string) => boolean,
	): Promise<void> {
		while (!this.#stopped) {
			const text = await read(video).catch(() => null);
			if (text !== null && !this.#stopped && onread(text)) return this.stop();
			await new Promise((resolve) => setTimeout(resolve, pause));
		}
	}

	/** Turns the camera off. */
	stop(): void {
		this.#stopped = true;
		for (const track of this.#stream?.getTracks() ?? []) track.stop();
	}
}
