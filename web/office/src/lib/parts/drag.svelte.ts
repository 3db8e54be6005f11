/** So near to the edge of the window, the page moves along, pixels. */
const edge = 96;
/** So far it moves along each time the screen is drawn, pixels. */
const stride = 9;

/** Takes one item of a list up or down by its handle, with a mouse, a pen or a finger. */
export class Drag {
	/** Which item is under way. */
	key = $state<string | null>(null);
	/** How far it has been taken, pixels. */
	shift = $state(0);
	/** Where it would land, counted from 0 among the others. */
	place = $state(0);
	#start = 0;
	#pointer = 0;
	/** Where the middles of the other items are, from the top of the page. */
	#middles: number[] = [];
	#ended = new AbortController();

	/** `item`: the child of the list that is taken. `ondrop` is told its place, unless it was given up. */
	begin(
		event: PointerEvent,
		key: string,
		item: HTMLElement,
		ondrop: (place: number) => void,
	): void {
		if (event.button !== 0 || this.key !== null) return;
		event.preventDefault();
		const others = [...(item.parentElement?.children ?? [])].filter((other) => other !== item);
		this.#middles = others.map((other) => {
			const { top, height } = other.getBoundingClientRect();
			return top + scrollY + height / 2;
		});
		this.#pointer = event.clientY;
		this.#start = event.clientY + scrollY;
		this.key = key;
		this.#ended = new AbortController();
		const { signal } = this.#ended;
		addEventListener('pointermove', (moved) => this.#to(moved.clientY), { signal });
		addEventListener('pointercancel', () => this.#end(), { signal });
		addEventListener(
			'pointerup',
			() => {
				this.#end();
				ondrop(this.place);
			},
			{ signal },
		);
		addEventListener('keydown', (pressed) => pressed.key === 'Escape' && this.#end(), { signal });
		this.#to(event.clientY);
		this.#follow();
	}

	#to(pointer: number): void {
		this.#pointer = pointer;
		const here = pointer + scrollY;
		this.shift = here - this.#start;
		this.place = this.#middles.filter((middle) => middle < here).length;
	}

	/** Lets the page move along while the pointer rests near an edge of the window. */
	#follow(): void {
		if (this.#ended.signal.aborted) return;
		if (this.#pointer < edge) scrollBy(0, -stride);
		else if (this.#pointer > innerHeight - edge) scrollBy(0, stride);
		this.#to(this.#pointer);
		requestAnimationFrame(() => this.#follow());
	}

	#end(): void {
		this.#ended.abort();
		this.key = null;
		this.shift = 0;
	}
}
