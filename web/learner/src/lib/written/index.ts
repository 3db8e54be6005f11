export { default as Article } from './Article.svelte';
export { default as Quiz } from './Quiz.svelte';
