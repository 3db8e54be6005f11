import { answer, publicApi } from '@changqing/shared/api/client';
import { IdempotencyKey } from '@changqing/shared/api/idempotency';
import { ApiError } from '@changqing/shared/api/problem';
import { logIn } from '@changqing/shared/api/session.svelte';
import { draft } from './draft.svelte';
import { type Step } from './steps';
import { halfWidth } from './normal-forms';

const key = new IdempotencyKey();

/** Which question a field of the API belongs to. */
const stepOfField: Record<string, Step> = {
	name: 'name',
	birth_date: 'birth-date',
	phone: 'contact',
	email: 'contact',
	branch_id: 'branch',
	groups: 'groups',
	password: 'password',
	consent: 'consent',
	'consent.version': 'consent',
};

/**
 * Makes the account and logs in with it.
 *
 * @throws ApiError as the server refused it; refusals of single answers are put into the draft
 */
export async function register(): Promise<void> {
	const { answers, password } = draft;
	const body = {
		name: answers.name.trim(),
		birth_date: draft.birthDate ?? '',
		phone: halfWidth(answers.phone).replace(/[\s-]/g, '') || undefined,
		email: halfWidth(answers.email) || undefined,
		branch_id: answers.branch[0] ?? '',
		groups: answers.groups,
		password,
		consent: { version: answers.consent[0] ?? '' },
	};
	draft.refusals = {};
	try {
		const header = { 'Idempotency-Key': key.for(body) };
		const { resident } = await answer(
			publicApi.POST('/api/v1/residents', { params: { header }, body }),
		);
		draft.learnerNumber = resident.learner_number;
	} catch (failure) {
		if (failure instanceof ApiError) noteRefusals(failure);
		throw failure;
	}
	draft.clear();
	try {
		await logIn('', { login: draft.learnerNumber, password });
	} catch (failure) {
		// The account exists; the last page offers to log in by hand.
		if (!(failure instanceof ApiError)) throw failure;
	}
}

function noteRefusals(failure: ApiError): void {
	for (const { field, detail } of failure.problem?.errors ?? []) {
		const step = stepOfField[field];
		if (step) draft.refusals[step] = detail;
	}
}
