import { answer, api } from '@changqing/shared/api/client';
import { session } from '@changqing/shared/api/session.svelte';
import type { Account, Branch, Me } from '@changqing/shared/api/types';
import { Loaded } from '../api/loaded.svelte';
import { deviceToday } from '../days';

/** Work of which the server says who may do it. */
export type Permission =
	| 'register_residents'
	| 'import_rosters'
	| 'read_reports'
	| 'close_months'
	| 'keep_venues'
	| 'award_credits'
	| 'see_credit_rules'
	| 'hand_over_rewards'
	| 'manage_rewards'
	| 'make_courses'
	| 'decide_courses'
	| 'answer_questions'
	| 'see_residents'
	| 'see_certificates'
	| 'revoke_certificates'
	| 'check_recognitions'
	| 'approve_recognitions'
	| 'manage_outcomes'
	| 'move_residents'
	| 'merge_residents'
	| 'arrange_helpers'
	| 'end_registrations'
	| 'manage_honours'
	| 'settle_anomalies'
	| 'operate_deployment'
	| 'set_targets'
	| 'audit_ledger'
	| 'see_accounts'
	| 'see_audit'
	| 'set_second_factor';

interface Desk {
	me: Me;
	branches: Branch[];
	/** The server's day, `YYYY-MM-DD`. */
	today: string;
}

async function fetchDesk(): Promise<Desk> {
	const [me, branches, deployment] = await Promise.all([
		answer(api.GET('/api/v1/me')),
		answer(api.GET('/api/v1/branches')).then((list) => list.items),
		answer(api.GET('/api/v1/deployment')),
	]);
	return { me, branches, today: deployment.today ?? deviceToday() };
}

/** Who sits at this desk: the account, what it may do, and the branches it looks after. */
class Staff {
	desk = new Loaded<Desk>();
	#loadedFor: string | null = null;
	/** The device's day when the server was asked. */
	#loadedOn = '';

	/** Asks the server once a day for each account that logs in. */
	async load(): Promise<void> {
		const id = session.account?.id ?? null;
		const day = deviceToday();
		if (id === null || (id === this.#loadedFor && day === this.#loadedOn)) return;
		// On another day the same account's desk stays until the new one comes, with what is typed at it.
		if (id !== this.#loadedFor) this.desk.value = null;
		await this.desk.run(fetchDesk);
		if (this.desk.failure !== null) return;
		this.#loadedFor = id;
		this.#loadedOn = day;
	}

	get me(): Me | null {
		return this.desk.value?.me ?? null;
	}

	/** The desk's own, which outlasts the session: a form left open stays whole until its person is back. */
	get #account(): Account | null {
		return this.me?.account ?? session.account;
	}

	/** From now on logging in asks this account for a code: what it may do is asked anew. */
	async guarded(): Promise<void> {
		await this.desk.run(fetchDesk);
	}

	/** Whether codes at log-in were put off for too long: there is nothing else to do before. */
	get heldUp(): boolean {
		// Every other staff account may read reports.
		return this.me !== null && !this.me.second_factor && !this.may('read_reports');
	}

	get admin(): boolean {
		return this.#account?.role === 'admin';
	}

	may(permission: Permission): boolean {
		return this.me?.permissions.includes(permission) ?? false;
	}

	get today(): string {
		return this.desk.value?.today ?? deviceToday();
	}

	get month(): string {
		return this.today.slice(0, 7);
	}

	/** The account's own branch; an admin may have none. */
	get branch(): Branch | null {
		return this.branchById(this.#account?.branch_id ?? null);
	}

	/** Branches this account works for: its own and those below it, for an admin all. */
	get branches(): Branch[] {
		const all = this.desk.value?.branches ?? [];
		if (this.admin) return all;
		const mine = [this.#account?.branch_id ?? ''];
		for (const id of mine) {
			// The list grows while it is walked, one generation after the other.
			mine.push(...all.filter((branch) => branch.parent_id === id).map((branch) => branch.id));
		}
		return all.filter((branch) => mine.includes(branch.id));
	}

	branchById(id: string | null): Branch | null {
		return this.desk.value?.branches.find((branch) => branch.id === id) ?? null;
	}

	branchName(id: string | null): string {
		return this.branchById(id)?.name ?? '';
	}
}

export const staff = new Staff();
