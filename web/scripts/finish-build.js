// Finishes a build, in this order:
// 1. SvelteKit writes its bootstrap into each page as an inline script, which the content security
//    policy refuses: each is moved into a file named after its content.
// 2. The service worker is told about those files, made after it was.
// 3. Everything that compresses well gets a Brotli and a gzip form beside it, for the server.
// Usage: node finish-build.js BUILD_FOLDER [BASE_PATH]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [build, base = ''] = process.argv.slice(2);
if (!build) throw new Error('name the build folder');

const names = () => readdirSync(build, { recursive: true, encoding: 'utf8' });

/** Answers the addresses of the scripts that were moved out of the pages. */
function moveBootstraps() {
	const folder = join(build, '_app', 'immutable', 'boot');
	mkdirSync(folder, { recursive: true });
	const boots = new Set();
	for (const name of names().filter((one) => one.endsWith('.html'))) {
		const path = join(build, name);
		const page = readFileSync(path, 'utf8').replace(
			/<script>([\s\S]*?)<\/script>/g,
			(_, script) => {
				const digest = createHash('sha256').update(script).digest('hex').slice(0, 12);
				writeFileSync(join(folder, `${digest}.js`), script);
				const address = `${base}/_app/immutable/boot/${digest}.js`;
				boots.add(address);
				return `<script src="${address}"></script>`;
			},
		);
		const left = /<script(?![^>]*\ssrc=)|\sstyle="|\son[a-z]+="/.exec(page);
		if (left) throw new Error(`${name} still holds inline code: ${left[0]}`);
		writeFileSync(path, page);
	}
	return [...boots];
}

function tellServiceWorker(boots) {
	const worker = join(build, 'service-worker.js');
	if (!existsSync(worker)) return;
	const marker = '__BOOT_SCRIPTS__';
	const code = readFileSync(worker, 'utf8');
	if (!code.includes(marker)) throw new Error('the service worker has no place for the scripts');
	writeFileSync(worker, code.replace(marker, boots.join(',')));
}

function compress() {
	const kinds = new Set(['.html', '.js', '.css', '.svg', '.json']);
	const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
	for (const name of names().filter((one) => kinds.has(extname(one)))) {
		const path = join(build, name);
		const plain = readFileSync(path);
		writeFileSync(`${path}.br`, brotliCompressSync(plain, quality));
		writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
	}
}

tellServiceWorker(moveBootstraps());
compress();
