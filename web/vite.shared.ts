import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin, UserConfig } from 'vite';

/**
 * SvelteKit's page-change announcer carries a style attribute, which the content security policy
 * refuses; `base.css` hides it instead.
 */
function announcerWithoutInlineStyle(): Plugin {
	return {
		name: 'announcer-without-inline-style',
		enforce: 'pre',
		transform(code, id) {
			if (!id.includes('generated/root.svelte')) return null;
			const changed = code.replace(/(id="svelte-announcer"[^>]*?)\sstyle="[^"]*"/, '$1');
			if (changed === code) this.error('the announcer has changed: look at its markup again');
			return { code: changed, map: null };
		},
	};
}

/**
 * SvelteKit's single bundle imports its pages dynamically and has the bundler inline them, which
 * wraps each module in a function and makes the whole a tenth larger. Here pages are imported
 * plainly, and what a page itself imports on demand becomes a file of its own.
 */
function pagesImportedPlainly(): Plugin {
	return {
		name: 'pages-imported-plainly',
		apply: 'build',
		config: {
			order: 'post',
			handler: () => ({
				build: {
					rollupOptions: {
						output: {
							codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] },
							// The first bundle names every file that may come later: short names weigh less.
							chunkFileNames: '_app/immutable/chunks/[hash:6].js',
							assetFileNames: '_app/immutable/assets/[hash:6][extname]',
						},
					},
				},
			}),
		},
		transform(code, id) {
			if (!id.endsWith('generated/client-optimized/app.js')) return null;
			const imports: string[] = [];
			const changed = code.replace(/\(\) => import\(('[^']+')\)/g, (_, path: string) => {
				imports.push(`import * as part${imports.length} from ${path};`);
				return `() => Promise.resolve(part${imports.length - 1})`;
			});
			if (imports.length === 0) this.error('the manifest has changed: look at its imports again');
			return { code: `${imports.join('\n')}\n${changed}`, map: null };
		},
	};
}

/**
 * Vite's settings for both applications.
 *
 * Build-time environment: `PUBLIC_HELP_TELEPHONE` (what prerendered pages show until the
 * deployment says otherwise) and `API_ORIGIN` (where `vite dev` forwards API calls).
 */
export function viteConfig(): UserConfig {
	const api = process.env.API_ORIGIN ?? 'http://127.0.0.1:8080';
	return {
		plugins: [announcerWithoutInlineStyle(), pagesImportedPlainly(), sveltekit()],
		define: {
			__HELP_TELEPHONE__: JSON.stringify(process.env.PUBLIC_HELP_TELEPHONE ?? '12345'),
		},
		build: { target: ['chrome80', 'safari14'], cssTarget: ['chrome80', 'safari14'] },
		server: { proxy: { '/api': api, '/storage': api } },
	};
}
