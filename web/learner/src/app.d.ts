/// <reference types="@sveltejs/kit" />

/** Telephone number for help, put in at build time from `PUBLIC_HELP_TELEPHONE`. */
declare const __HELP_TELEPHONE__: string;

interface Window {
	/** What stood behind the `#` of a learner card's address, taken by `mode.js` until the page reads it. */
	learnerCard?: string | undefined;
}
