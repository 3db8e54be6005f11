import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/**
 * SvelteKit's settings, the same for both applications but for the path they are served under.
 *
 * @param {'' | `/${string}`} base path below the site's address
 * @returns {import('@sveltejs/kit').Config}
 */
export function kitConfig(base) {
	return {
		preprocess: vitePreprocess(),
		compilerOptions: { runes: true },
		kit: {
			adapter: adapter({ fallback: '200.html' }),
			// SvelteKit's own speaks English and carries a style, which the security policy refuses.
			files: { errorTemplate: fileURLToPath(new URL('./error.html', import.meta.url)) },
			// The bootstrap script is moved into a file of its own after the build, so its imports
			// must not depend on the address of the page.
			paths: { base, relative: false },
			output: { bundleStrategy: 'single' },
			prerender: {
				handleUnseenRoutes: 'fail',
				// The server answers API calls, and the icon is the learner application's.
				handleHttpError({ path, message }) {
					if (path !== '/icon.svg' && !path.startsWith('/api/')) throw new Error(message);
				},
			},
			typescript: {
				config: (config) => {
					Object.assign(config.compilerOptions, {
						noUncheckedIndexedAccess: true,
						skipLibCheck: true,
					});
					return config;
				},
			},
		},
	};
}
