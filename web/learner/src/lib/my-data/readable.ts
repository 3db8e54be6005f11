import type { PersonalExport } from '@changqing/shared/api/types';
import { formatCredits, formatDate, formatDateTime, formatNumber } from '@changqing/shared/format';
import { words } from './words';

/** One part of everything held about a person, in words. */
export interface Part {
	title: string;
	/** Single facts with their names. */
	facts: { name: string; value: string }[];
	/** A list, the newest first. */
	lines: string[];
}

/** Everything held about a person, as people read it. What is missing here is in the file. */
export function readable(data: PersonalExport): Part[] {
	const { sections, lines } = words();
	const part = (title: string, list: string[]): Part => ({ title, facts: [], lines: list });
	return [
		{ title: sections.person, facts: personFacts(data), lines: [] },
		{
			title: sections.account,
			facts: data.accounts.map((one) => ({
				name: words().facts.email,
				value: one.email ?? words().facts.empty,
			})),
			lines: [
				...latest(data.cards.map((one) => lines.card(formatDate(one.issued_at)))),
				...latest(data.devices.map(deviceLine)),
				...latest(data.sessions.map((one) => lines.session(formatDateTime(one.created_at)))),
			],
		},
		part(sections.consents, latest(data.consents.map(consentLine))),
		part(sections.courses, latest(data.enrollments.map(courseLine))),
		part(
			sections.lessons,
			data.lessons.map((one) =>
				lines.lesson(one.course, one.title, formatNumber(Math.round(one.watched_seconds / 6) / 10)),
			),
		),
		part(sections.questions, questionLines(data)),
		part(
			sections.recognitions,
			latest(
				data.recognitions.map((one) =>
					lines.recognition(formatDate(one.created_at), one.title ?? '', one.outcome),
				),
			),
		),
		part(sections.credits, creditLines(data)),
		part(sections.redemptions, latest(data.redemptions.map(redemptionLine))),
		part(
			sections.statements,
			latest(
				data.account_statements.map((one) =>
					lines.statement(
						formatDate(one.issued_at),
						formatDate(one.from_on),
						formatDate(one.to_on),
						one.code,
					),
				),
			),
		),
		part(sections.helpers, helperLines(data)),
		part(
			sections.mails,
			latest(data.mails.map((one) => lines.mail(formatDateTime(one.queued_at), one.subject))),
		),
		part(sections.acts, latest(data.acts.map(actLine))),
	];
}

const latest = (list: string[]): string[] => list.reverse();

function personFacts(data: PersonalExport): Part['facts'] {
	const { facts } = words();
	const { person } = data;
	const genders: Record<string, string> = { female: facts.female, male: facts.male };
	const registration = person.registrations[0];
	return [
		{ name: facts.name, value: person.name },
		{ name: facts.number, value: person.learner_number },
		{ name: facts.birthDate, value: formatDate(person.birth_date) },
		{ name: facts.gender, value: genders[person.gender ?? ''] ?? facts.empty },
		{ name: facts.phone, value: person.phone ?? facts.empty },
		{ name: facts.idNumber, value: person.id_number ?? facts.empty },
		...(person.guardian
			? [{ name: facts.guardian, value: `${person.guardian.name} ${person.guardian.phone}` }]
			: []),
		{ name: facts.branch, value: registration?.branch ?? facts.empty },
		{
			name: facts.registered,
			value: registration ? formatDate(registration.registered_on) : facts.empty,
		},
	];
}

function deviceLine(one: PersonalExport['devices'][number]): string {
	const { lines, facts } = words();
	return lines.device(one.label ?? facts.unknownDevice, formatDate(one.last_seen_at));
}

function consentLine(one: PersonalExport['consents'][number]): string {
	const { lines } = words();
	const given = formatDate(one.given_at);
	return one.withdrawn_at
		? lines.consentEnded(one.title, given, formatDate(one.withdrawn_at))
		: lines.consent(one.title, given);
}

function courseLine(one: PersonalExport['enrollments'][number]): string {
	const { lines } = words();
	const since = formatDate(one.enrolled_at);
	return one.completed_at
		? lines.courseDone(one.title, since, formatDate(one.completed_at))
		: lines.course(one.title, since);
}

function creditLines(data: PersonalExport): string[] {
	const { lines, units } = words();
	const unit = (name: string) => units[name] ?? name;
	return [
		...data.credit_accounts.map((one) => lines.balance(unit(one.unit), formatCredits(one.balance))),
		...latest(
			data.transfers.map((one) =>
				lines.transfer(
					formatDate(one.earned_at),
					formatCredits(one.amount),
					unit(one.unit),
					one.reason ?? one.source,
				),
			),
		),
	];
}

function redemptionLine(one: PersonalExport['redemptions'][number]): string {
	const { lines, redemptions } = words();
	const day = formatDate(one.redeemed_at);
	const until = formatDate(one.settled_at ?? one.held_until);
	const ending = redemptions[one.status]?.(until) ?? one.status;
	return lines.redemption(day, formatNumber(one.price), one.title, ending);
}

function helperLines(data: PersonalExport): string[] {
	const { lines } = words();
	const until = (one: { expires_at: string; ended_at: string | null }) =>
		formatDate(one.ended_at ?? one.expires_at);
	return [
		...data.helpers.map((one) => lines.helper(one.name, formatDate(one.granted_at), until(one))),
		...data.helping.map((one) => lines.helping(formatDate(one.granted_at), until(one))),
	];
}

function questionLines(data: PersonalExport): string[] {
	const { lines, ratings } = words();
	const asked = data.questions.map((one) => {
		const answer = one.answer ? lines.questionAnswer(one.answer) : '';
		const question = one.text ?? lines.withdrawnQuestion;
		return lines.question(formatDate(one.asked_at), one.title, question + answer);
	});
	const rated = data.ratings.map((one) => lines.rating(one.title, ratings[one.value] ?? one.value));
	return [...latest(asked), ...latest(rated)];
}

function actLine(one: PersonalExport['acts'][number]): string {
	const { lines, actions, by, otherAction } = words();
	const what = actions[one.action] ?? otherAction;
	return lines.act(formatDateTime(one.at), by[one.by] ?? otherAction, what);
}
