/** A press on a place is answered before the place has been fetched, which a slow line takes its time over. */
const moves = ['seeking', 'seeked', 'timeupdate'] as const;

/** Tells where `video` stands, in seconds, now and whenever it moves; the answer ends it. */
export function followPosition(
	video: HTMLVideoElement,
	moved: (position: number) => void,
): () => void {
	const follow = () => moved(video.currentTime);
	follow();
	for (const move of moves) video.addEventListener(move, follow);
	return () => {
		for (const move of moves) video.removeEventListener(move, follow);
	};
}
