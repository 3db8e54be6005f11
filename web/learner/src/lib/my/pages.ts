/** The pages about helpers, one's own data, certificates, questions, devices and PIN, fetched together when the first of them is asked for. */
export { default as helpers } from '$lib/helping/Helpers.svelte';
export { default as helped } from '$lib/helping/HelpedPeople.svelte';
export { default as person } from '$lib/helping/HelpedPerson.svelte';
export { default as data } from '$lib/my-data/MyData.svelte';
export { default as certificates } from '$lib/certificates/Own.svelte';
export { default as questions } from '$lib/discussion/OwnQuestions.svelte';
export { default as devices } from '$lib/card/Devices.svelte';
export { default as pin } from '$lib/card/OwnPin.svelte';
