/// <reference types="@sveltejs/kit" />

/** Telephone number for help, put in at build time from `PUBLIC_HELP_TELEPHONE`. */
declare const __HELP_TELEPHONE__: string;
