/** Fetches what lets one log in again without leaving the page. */
export const logInHere = () => import('./LogInAgain.svelte');
