import { preferences, recall, remember, sharedDeviceKey } from '../preferences.svelte';
import { ApiError, refusal } from './problem';
import type { Account, Session } from './types';

const knownKey = 'changqing.signed_in';
/** Renew this long before the access token ends, milliseconds. */
const renewAhead = 60_000;

/** How a person stands towards the server. `ended` was logged in on this page and no longer is. */
export type SessionState = 'unknown' | 'out' | 'in' | 'ended';

/**
 * The session of this tab. The access token lives in memory only; the refresh token is in an
 * HttpOnly cookie that scripts never see. All the device remembers is that there may be a session.
 */
class SessionStore {
	state = $state<SessionState>('unknown');
	account = $state<Account | null>(null);
	/** Id of the account whose session ended here last. */
	former: string | null = null;
	#token: string | null = null;
	#tokenEnds = 0;
	#renewal: Promise<string | null> | null = null;
	/** How often a session has ended here. */
	#endings = 0;

	/**
	 * Takes up the session of an earlier page, if there is one. Safe to call more than once, and worth
	 * it: what is no refusal, such as a missing network, leaves the session to be taken up later.
	 */
	async restore(): Promise<void> {
		if (this.state !== 'unknown' && this.state !== 'out') return;
		if (recall(knownKey) !== null) await this.renew();
		if (this.state === 'unknown') this.state = 'out';
	}

	/** Takes up the session once there is a network: what is under way may have begun without one. */
	async reconnect(): Promise<void> {
		await this.#renewal;
		await this.restore();
	}

	/** A token that is still good, or `null` for a visitor. */
	async currentToken(): Promise<string | null> {
		if (this.state === 'unknown') await this.restore();
		if (this.#token === null) return null;
		if (Date.now() > this.#tokenEnds - renewAhead) return this.renew();
		return this.#token;
	}

	/** Takes the answer of a log-in. */
	accept(answer: Session): void {
		this.#token = answer.access_token;
		this.#tokenEnds = Date.now() + answer.expires_in * 1000;
		this.account = answer.account;
		this.state = 'in';
		remember(knownKey, '1');
	}

	/** Fetches a fresh access token; callers at the same time share one request. */
	renew(): Promise<string | null> {
		this.#renewal ??= this.#renewAlone().finally(() => {
			this.#renewal = null;
		});
		return this.#renewal;
	}

	/** Two tabs must not spend the same refresh token, which the server takes for a theft. */
	#renewAlone(): Promise<string | null> {
		// Missing before Safari 15.4 and on plain HTTP.
		const locks: LockManager | undefined = navigator.locks;
		if (!locks) return this.#requestRenewal();
		return locks.request('changqing.refreshment', () => this.#requestRenewal());
	}

	async #requestRenewal(): Promise<string | null> {
		const endings = this.#endings;
		let response: Response;
		try {
			response = await fetch('/api/v1/session/refreshment', {
				method: 'POST',
				headers: { 'Accept-Language': preferences.language },
			});
		} catch {
			// Offline: the session may still be good, and a token in hand may be too.
			return Date.now() < this.#tokenEnds ? this.#token : null;
		}
		if (response.ok) {
			const renewed = (await response.json()) as Session;
			// Who has logged out while this was under way stays logged out.
			if (endings !== this.#endings) return null;
			this.accept(renewed);
			return this.#token;
		}
		if (response.status === 401 || response.status === 403) this.#forget();
		return null;
	}

	/** Logs out on the server and here. */
	logOut(): Promise<void> {
		return this.#end('out');
	}

	/** Ends the session because nobody was there; what was typed stays on the page. */
	async expire(): Promise<void> {
		try {
			// At once `ended`: a page that saw `out` in between would take its forms away.
			await this.#end('ended');
		} catch (failure) {
			// Offline: the token is forgotten here, and the cookie ends by its own age.
			if (!(failure instanceof ApiError)) throw failure;
		}
	}

	async #end(state: 'out' | 'ended'): Promise<void> {
		const token = this.#token;
		this.#endings += 1;
		this.#forget();
		this.state = state;
		try {
			await fetch('/api/v1/session', {
				method: 'DELETE',
				headers: token === null ? {} : { Authorization: `Bearer ${token}` },
			});
		} catch {
			throw new ApiError(0, null);
		}
	}

	#forget(): void {
		// A renewal that is refused only afterwards changes nothing: the forms must stay where they are.
		this.state = this.state === 'in' || this.state === 'ended' ? 'ended' : 'out';
		this.#token = null;
		this.former = this.account?.id ?? this.former;
		this.account = null;
		remember(knownKey, null);
	}

	/** The token in hand without waiting, for what is sent while the page closes. */
	get tokenInHand(): string | null {
		return this.#token;
	}
}

export const session = new SessionStore();

/**
 * Sends a log-in form.
 *
 * @throws ApiError as the server refused it; `second_factor_required` carries `problem.challenge`
 */
export async function logIn(
	path:
		| ''
		| '/second-factor'
		| '/one-time-code'
		| '/password-reset/confirmation'
		| '/card'
		| '/pin'
		| `/people/${string}`,
	body: object,
): Promise<Session> {
	let response: Response;
	try {
		response = await fetch(`/api/v1/session${path}`, {
			method: 'POST',
			headers: {
				'Content-Type': 'application/json',
				'Accept-Language': preferences.language,
			},
			body: JSON.stringify({ ...body, shared_device: recall(sharedDeviceKey) !== null }),
		});
	} catch {
		throw new ApiError(0, null);
	}
	const answer: unknown = await response.json().catch(() => null);
	if (!response.ok) throw refusal(response, answer);
	session.accept(answer as Session);
	return answer as Session;
}
