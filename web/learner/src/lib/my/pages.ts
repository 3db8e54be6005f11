/** The pages about helpers and one's own data, fetched together when the first of them is asked for. */
export { default as helpers } from '$lib/helping/Helpers.svelte';
export { default as helped } from '$lib/helping/HelpedPeople.svelte';
export { default as person } from '$lib/helping/HelpedPerson.svelte';
export { default as data } from '$lib/my-data/MyData.svelte';
