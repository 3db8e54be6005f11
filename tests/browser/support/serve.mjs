// Runs the program under test until it is told to stop, and removes its data folder afterwards.
// Usage: node serve.mjs PROGRAM DATA_FOLDER [keep]
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [program, folder, keep] = process.argv.slice(2);
const site = spawn(program, { stdio: 'inherit', env: { ...process.env, DATA_DIR: folder } });

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => site.kill(signal));
site.on('error', (error) => {
	console.error(`${program} does not start: ${error.message}. Run make run once, or set STANDALONE_BIN.`);
	process.exitCode = 1;
});
site.on('exit', (code) => {
	if (keep !== 'keep') rmSync(folder, { recursive: true, force: true });
	process.exitCode = code ?? 1;
});
