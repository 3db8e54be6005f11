import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { randomInt, randomUUID } from 'node:crypto';
import {
	expect,
	type APIRequestContext,
	type APIResponse,
	type Cookie,
	type Page,
} from '@playwright/test';
import { withFreshCode } from './totp.ts';

/** Somebody who can log in. */
export interface Person {
	login: string;
	password: string;
	name: string;
	/** Code of the branch; absent where there is none. */
	branch?: string | null;
	/** The secret of their authenticator; absent where they have none. */
	totp_secret?: string | null;
}

export interface Course {
	id: string;
	title: string;
	lessons: { id: string; title: string; duration_seconds: number }[];
}

interface DemoAccount extends Person {
	role: 'admin' | 'branch_staff' | 'resident';
}

/** The folder of the roster files that the tests hand in. */
export const rosters = resolve(import.meta.dirname, '../../fixtures/rosters');

function accounts(): DemoAccount[] {
	const folder = process.env.CHANGQING_TEST_DATA ?? '';
	return JSON.parse(readFileSync(join(folder, 'demo-accounts.json'), 'utf8')) as DemoAccount[];
}

function found(wanted: (account: DemoAccount) => boolean): Person {
	const account = accounts().find(wanted);
	if (!account) throw new Error('demo-accounts.json has no such account');
	return account;
}

export const admin = () => found((account) => account.role === 'admin');
/** Another one: what an admin proposes, somebody else approves. */
export const otherAdmin = () =>
	found((account) => account.role === 'admin' && account.login !== admin().login);
export const staffOf = (branch: string) =>
	found((account) => account.role === 'branch_staff' && account.branch === branch);

async function body<T>(response: APIResponse): Promise<T> {
	expect(
		response.ok(),
		`${response.url()} answered ${response.status()}: ${await response.text()}`,
	).toBe(true);
	return (await response.json()) as T;
}

/** A name nobody has: names in the record may hold no digits. */
export function newName(): string {
	const letters = '安柏春丹恩芳冠和佳康岚梅宁平秋若书桃文希雅云泽竹';
	return `测${Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')}`;
}

/** A mobile number nobody has. */
export const newPhone = () => `19${String(randomInt(1e9)).padStart(9, '0')}`;

/** Registers a resident of the street centre, whom no ranking counts. */
export async function newResident(
	request: APIRequestContext,
	given: { name?: string; login?: string; email?: string } = {},
): Promise<Person & { id: string; learnerNumber: string }> {
	const { items } = await body<{ items: { id: string; code: string }[] }>(
		await request.get('/api/v1/branches?limit=100'),
	);
	const { version } = await body<{ version: string }>(
		await request.get('/api/v1/consents/current'),
	);
	const { email, ...asked } = given;
	const person = { name: newName(), login: newPhone(), password: `mima-${randomUUID()}`, ...asked };
	const { resident } = await body<{ resident: { id: string; learner_number: string } }>(
		await request.post('/api/v1/residents', {
			headers: { 'Idempotency-Key': randomUUID() },
			data: {
				name: person.name,
				phone: person.login,
				password: person.password,
				branch_id: items.find((branch) => branch.code === 'CQJD')?.id,
				birth_date: '1956-03-02',
				groups: ['elderly'],
				consent: { version },
				...(email === undefined ? {} : { email }),
			},
		}),
	);
	return { ...person, id: resident.id, learnerNumber: resident.learner_number };
}

interface Token {
	access_token: string;
}

interface KeptSession {
	cookie: Cookie;
	/** When its holder last showed who they are, in milliseconds. */
	proved: number;
}

/** Some work asks for a proof of the last quarter of an hour, and a test takes minutes at most. */
const GOES_ON_FOR = 10 * 60_000;

/**
 * The session of each member of staff, as this worker last saw it: codes are too few for a log-in
 * in each test. Its cookie is replaced whenever a page refreshes the session.
 */
const sessions = new Map<string, KeptSession>();

async function goOn(page: Page, person: Person): Promise<Token | null> {
	const kept = sessions.get(person.login);
	if (kept === undefined || Date.now() - kept.proved > GOES_ON_FOR) return null;
	await page.context().addCookies([kept.cookie]);
	const answer = await page.request.post('/api/v1/session/refreshment');
	return answer.ok() ? ((await answer.json()) as Token) : null;
}

/** Fills in the second step of the form, with a code that nobody has used. */
export async function giveCode(page: Page, person: Person): Promise<void> {
	await withFreshCode(person.totp_secret ?? '', async (code) => {
		await page.getByLabel('动态码').fill(code);
		const answered = page.waitForResponse((each) => each.url().endsWith('/second-factor'));
		await page.getByRole('button', { name: '确定' }).click();
		expect((await answered).ok(), 'a code that is not spent').toBe(true);
	});
}

async function withCode(page: Page, person: Person, challenged: APIResponse): Promise<Token> {
	const { challenge } = (await challenged.json()) as { challenge: string };
	return withFreshCode(person.totp_secret ?? '', async (code) =>
		body<Token>(
			await page.request.post('/api/v1/session/second-factor', { data: { challenge, code } }),
		),
	);
}

async function keepSession(page: Page, person: Person, proved: number): Promise<void> {
	const cookies = await page.context().cookies();
	const cookie = cookies.find((each) => each.name === 'changqing_refresh');
	if (cookie) sessions.set(person.login, { cookie, proved });
}

async function logInAsStaff(page: Page, person: Person): Promise<Token> {
	let token = await goOn(page, person);
	const proved = token === null ? Date.now() : (sessions.get(person.login)?.proved ?? 0);
	if (token === null) {
		await page.context().clearCookies();
		const { login, password } = person;
		const first = await page.request.post('/api/v1/session', { data: { login, password } });
		token = await withCode(page, person, first);
	}
	await keepSession(page, person, proved);
	page.context().on('response', (response) => {
		if (!response.url().includes('/api/v1/session')) return;
		if (response.request().method() === 'DELETE') sessions.delete(person.login);
		else void keepSession(page, person, proved).catch(() => sessions.delete(person.login));
	});
	return token;
}

async function logInAsResident(page: Page, { login, password }: Person): Promise<Token> {
	return body<Token>(await page.request.post('/api/v1/session', { data: { login, password } }));
}

/** Logs in without the form: the refresh cookie goes to the browser, and the token is answered. */
export async function logIn(page: Page, person: Person): Promise<string> {
	const answer = person.totp_secret
		? await logInAsStaff(page, person)
		: await logInAsResident(page, person);
	// What the application itself remembers after the form: that there may be a session.
	await page.addInitScript(() => {
		if (sessionStorage.getItem('test.logged_in')) return;
		sessionStorage.setItem('test.logged_in', '1');
		localStorage.setItem('changqing.signed_in', '1');
	});
	return answer.access_token;
}

/** A new resident who is logged in on this page. */
export async function logInAsNewResident(page: Page) {
	const person = await newResident(page.request);
	return { ...person, token: await logIn(page, person) };
}

/** The demo course of a topic, with its lessons. */
export async function courseOf(request: APIRequestContext, topic: string): Promise<Course> {
	const { items } = await body<{ items: { id: string }[] }>(
		await request.get(`/api/v1/courses?topic=${topic}`),
	);
	return body<Course>(await request.get(`/api/v1/courses/${items[0]?.id}`));
}

/** Joins a course without the page. */
export async function enroll(request: APIRequestContext, token: string, course: Course) {
	await body(
		await request.put(`/api/v1/courses/${course.id}/enrollment`, {
			headers: { Authorization: `Bearer ${token}` },
		}),
	);
}

/** The address of one lesson's page. */
export const lessonPage = (course: Course, index = 0) =>
	`/lesson/?course=${course.id}&lesson=${course.lessons[index]?.id}`;
