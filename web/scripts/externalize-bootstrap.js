// SvelteKit writes its bootstrap into each page as an inline script, which the content security
// policy refuses. This moves each into a file named after its content, and tells the service
// worker about them, which otherwise would not know of files made after the build.
// Usage: node externalize-bootstrap.js BUILD_FOLDER [BASE_PATH]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [build, base = ''] = process.argv.slice(2);
if (!build) throw new Error('name the build folder');

const folder = join(build, '_app', 'immutable', 'boot');
mkdirSync(folder, { recursive: true });

const inlineScript = /<script>([\s\S]*?)<\/script>/g;
const boots = new Set();

for (const name of readdirSync(build, { recursive: true, encoding: 'utf8' })) {
	if (!name.endsWith('.html')) continue;
	const path = join(build, name);
	const page = readFileSync(path, 'utf8').replace(inlineScript, (_, script) => {
		const digest = createHash('sha256').update(script).digest('hex').slice(0, 12);
		writeFileSync(join(folder, `${digest}.js`), script);
		const address = `${base}/_app/immutable/boot/${digest}.js`;
		boots.add(address);
		return `<script src="${address}"></script>`;
	});
	const left = /<script(?![^>]*\ssrc=)|\sstyle="|\son[a-z]+="/.exec(page);
	if (left) throw new Error(`${name} still holds inline code: ${left[0]}`);
	writeFileSync(path, page);
}

const worker = join(build, 'service-worker.js');
if (existsSync(worker)) {
	const marker = '__BOOT_SCRIPTS__';
	const code = readFileSync(worker, 'utf8');
	if (!code.includes(marker)) throw new Error('the service worker has no place for the scripts');
	writeFileSync(worker, code.replace(marker, [...boots].join(',')));
}
