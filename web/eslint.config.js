import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

export default typescript.config(
	{ ignores: ['**/build/', '**/.svelte-kit/', 'shared/src/api/schema.d.ts'] },
	js.configs.recommended,
	...typescript.configs.recommended,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'max-lines': ['error', 400],
			// TypeScript finds undefined names itself, and knows the compile-time constants.
			'no-undef': 'off',
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: typescript.parser } },
	},
	{
		files: ['**/*.svelte'],
		rules: {
			// Shared parts know no routes, and both applications serve at a fixed base path.
			'svelte/no-navigation-without-resolve': 'off',
		},
	},
);
