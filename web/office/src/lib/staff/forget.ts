/** What a desk holds in memory and must let go when its person leaves. */
const forgetters = new Set<() => void>();

/** Registers what is to be called when somebody logs out or another person logs in. */
export function onForget(forget: () => void): void {
	forgetters.add(forget);
}

/** Lets go of everything that belonged to the person before. */
export function forgetEverything(): void {
	for (const forget of forgetters) forget();
}
