import type { Messages } from '../zh-CN';

export const ledger: Messages['ledger'] = {
	title: 'Check of the ledger',
	intro:
		'Each hour the state of all accounts is signed and stored outside the database; each night every transfer is worked out anew from the first and compared with what was signed. Whoever changes a signed transfer, it is found. Transfers younger than the last signature are protected from the next one on.',
	audits: 'Checks',
	check: 'Check now',
	running: (checked: number, expected: number) => `Checking: ${checked} of ${expected} transfers`,
	passed: (at: string, count: number) => `${at}: ${count} transfers checked, all of them fit.`,
	failed: 'The ledger does not fit',
	whatToDo:
		'Somebody may have changed the database itself. Please change nothing and get in touch with the auditor.',
	none: 'There has been no check yet.',
	account: 'Account',
	version: 'Place in its chain',
	transfer: 'Transfer',
	root: 'Signature',
	key: 'Key',
	auditColumns: {
		at: 'Time',
		scope: 'What',
		outcome: 'Outcome',
		checked: 'Transfers',
		root: 'Compared with',
	},
	scopes: { full: 'All transfers', signing: 'New transfers, before signing' },
	kinds: {
		running: 'Checking',
		passed: 'All fits',
		failed: 'Does not fit',
		given_up: 'Not finished',
		changed_row: 'A transfer was changed',
		missing_row: 'A transfer is missing',
		rewritten_chain: 'Signed transfers were written anew',
		removed_tail: 'The last signed transfers were removed',
		missing_account: 'A signed account is gone',
		unknown_account: 'The account of a transfer is gone',
		wrong_balance: 'A balance is not the sum of its transfers',
		wrong_head: 'An account names another last transfer',
		wrong_counterpart: 'The other side of a transfer is wrong',
		backdated: 'A transfer says it was written before the last signature, which does not have it',
		unbalanced_sum: 'All accounts together do not come to zero',
		missing_root: 'A signature is missing',
		forged_root: 'A signature is forged',
		damaged_heads: 'The file of a signature is damaged or gone',
		overdue_root:
			'Nothing has been signed for three hours, or the last signature is of a time to come',
	},
	roots: 'Signatures',
	rootsHint:
		'The first of each day is mailed to the auditor, where there is one; compare the SHA-256 there with the one here.',
	age: (hours: number, minutes: number) =>
		hours > 0
			? `The last signature was ${hours} h ${minutes} min ago.`
			: `The last signature was ${minutes} min ago.`,
	overdue:
		'Nothing has been signed for a long time, and what is not signed is not protected. Please look after the worker, the object store and the clock of the machine.',
	acknowledged: 'Explained findings',
	acknowledgedHint:
		'Each of these did not fit what was signed. Whoever holds the signing key has said why, and signing began anew with the ledger of that moment. Every check lists them.',
	acknowledgedColumns: {
		sequence: 'Signature',
		at: 'Time',
		finding: 'What did not fit',
		reason: 'Why',
	},
	noRoots: 'Nothing has been signed yet. The first follows within an hour of the first transfer.',
	rootColumns: { sequence: 'Number', at: 'Time', counts: 'Totals', hash: 'SHA-256' },
	units: { credit: 'Credits', point: 'Points' },
	unit: (name: string, accounts: number, transfers: number, balance: string) =>
		`${name}: ${accounts} accounts, ${transfers} transfers, ${balance} in all`,
	between: '; ',
};
