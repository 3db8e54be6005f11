import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';

/**
 * Environment: `STANDALONE_BIN` (the program to test), `PORT`, `TEST_DATA_DIR` (a data folder to
 * go on with; a site that runs on it already is used as it is), `CHROMIUM`, and `SPEED` for what
 * is timed.
 */
const root = resolve(import.meta.dirname, '../..');
const port = process.env.PORT ?? '18080';
const kept = process.env.TEST_DATA_DIR;

/** Tests read the accounts from here; workers inherit what is set before they start. */
process.env.CHANGQING_TEST_DATA ??= kept ?? mkdtempSync(join(tmpdir(), 'changqing-browser-'));

const built = [process.env.CARGO_TARGET_DIR ?? join(root, 'target')].flatMap((target) => [
	join(target, 'serve/standalone'),
	join(target, 'debug/standalone'),
]);
const program = process.env.STANDALONE_BIN ?? built.find((path) => existsSync(path)) ?? built[0]!;

const chromium: PlaywrightTestConfig['use'] = {
	browserName: 'chromium',
	launchOptions: {
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--mute-audio',
		],
	},
};

const phone: PlaywrightTestConfig['use'] = {
	...chromium,
	viewport: { width: 360, height: 740 },
	hasTouch: true,
	isMobile: true,
};

export default defineConfig({
	testDir: '.',
	outputDir: 'test-results',
	fullyParallel: true,
	workers: 2,
	retries: 0,
	forbidOnly: true,
	// What a machine much slower than ours needs: they end what hangs, and measure nothing.
	timeout: 300_000,
	expect: { timeout: 30_000 },
	reporter: [['list']],
	use: {
		baseURL: `http://localhost:${port}`,
		locale: 'zh-CN',
		timezoneId: 'Asia/Shanghai',
		// Only the test of working offline lets it in: it would fetch the whole application each time.
		serviceWorkers: 'block',
		screenshot: 'only-on-failure',
		trace: 'off',
	},
	projects: [
		{ name: 'phone', testIgnore: 'speed/**', use: phone },
		{
			name: 'desktop',
			testIgnore: 'speed/**',
			use: { ...chromium, viewport: { width: 1280, height: 800 } },
		},
		...(process.env.SPEED ? [{ name: 'speed', testMatch: 'speed/**', use: phone }] : []),
	],
	webServer: {
		command: `node ${join(import.meta.dirname, 'support/serve.mjs')} ${program} ${process.env.CHANGQING_TEST_DATA} ${kept ? 'keep' : ''}`,
		cwd: root,
		url: `http://localhost:${port}/health/ready`,
		// The first start renders and transcodes the demo's videos.
		timeout: 600_000,
		reuseExistingServer: kept !== undefined,
		gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
		stdout: 'ignore',
		env: {
			PORT: port,
			HOST: '127.0.0.1',
			WEB_DIR: join(root, 'web'),
		},
	},
});
