/// <reference types="@sveltejs/kit" />
/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
import { build, files, prerendered, version } from '$service-worker';

const worker = globalThis.self as unknown as ServiceWorkerGlobalScope;
const cacheName = `changqing-${version}`;

// Written in after the build, when the names of the bootstrap files are known.
const boots = '__BOOT_SCRIPTS__'.split(',');
const shell = new Set([...build, ...files, ...prerendered, ...boots]);

worker.addEventListener('install', (event) => {
	event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([...shell])));
});

worker.addEventListener('activate', (event) => {
	event.waitUntil(forgetOldVersions());
});

async function forgetOldVersions(): Promise<void> {
	for (const name of await caches.keys()) {
		if (name.startsWith('changqing-') && name !== cacheName) await caches.delete(name);
	}
}

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
	if (!shell.has(url.pathname)) return;
	event.respondWith(request.mode === 'navigate' ? page(request, url) : asset(request, url));
});

/** Pages come from the network while there is one, so that a new version shows at once. */
async function page(request: Request, url: URL): Promise<Response> {
	try {
		return await fetch(request);
	} catch (failure) {
		const kept = await caches.match(url.pathname);
		if (kept) return kept;
		throw failure;
	}
}

/** Files are named after their content, or belong to this version. */
async function asset(request: Request, url: URL): Promise<Response> {
	return (await caches.match(url.pathname)) ?? fetch(request);
}
