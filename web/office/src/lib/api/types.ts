import type { paths } from '@changqing/shared/api/paths';

type Json<Shape> = { content: { 'application/json': Shape } };
type Ok<Operation> = Operation extends { responses: { 200: Json<infer Body> } } ? Body : never;
type Created<Operation> = Operation extends { responses: { 201: Json<infer Body> } } ? Body : never;
type Get<Path extends keyof paths> = Ok<paths[Path]['get']>;
type Made<Path extends keyof paths> = Created<paths[Path]['post']>;
type Input<Operation> = Operation extends {
	requestBody: { content: { 'application/json': infer Shape } };
}
	? Shape
	: never;
type Item<List> = List extends { items: (infer Entry)[] } ? Entry : never;

/** A staged or finished import, with its problem rows. */
export type RosterImport = Get<'/api/v1/roster-imports/{id}'>;
/** An import in the list of recent ones, without its problem rows. */
export type RosterSummary = Item<Get<'/api/v1/branches/{id}/roster-imports'>>;
export type RosterProblem = RosterImport['problems'][number];
export type Ranking = Get<'/api/v1/reports/months/{month}/ranking'>;
export type BranchReport = Get<'/api/v1/reports/months/{month}/branches/{id}'>;
export type BranchMetric = BranchReport['metrics'][number];
export type CompositeRanking = Get<'/api/v1/reports/months/{month}/composite-ranking'>;
export type UnreachedResident = Item<Get<'/api/v1/reports/months/{month}/branches/{id}/unreached'>>;
export type YearReport = Get<'/api/v1/reports/years/{year}'>;
export type Dossier = Get<'/api/v1/dossiers/{id}'>;
export type MonthMail = Item<Get<'/api/v1/reports/months/{month}/mails'>>;
export type RankingItem = Ranking['items'][number];
export type AwardInput = Input<paths['/api/v1/credit-awards']['post']>;
export type AwardAnswer = Made<'/api/v1/credit-awards'>;
/** How a line of an award list names its person. */
export type ResidentReference = NonNullable<AwardInput['residents']>[number];
export type CreditRule = Item<Get<'/api/v1/credit-rules'>>;
export type CreditRuleInput = Input<paths['/api/v1/credit-rules']['post']>;
export type RuleTrial = Ok<paths['/api/v1/credit-rules/trial']['post']>;
export type Reward = Item<Get<'/api/v1/managed-rewards'>>;
export type Redemption = Item<Get<'/api/v1/redemptions'>>;
export type AwardProposal = Item<Get<'/api/v1/credit-award-proposals'>>;
export type ProposedResident = Item<Get<'/api/v1/credit-award-proposals/{id}/residents'>>;
export type AwardBatch = Item<Get<'/api/v1/credit-awards'>>;
export type AwardFile = Item<Get<'/api/v1/credit-awards/{id}/files'>>;
export type Honours = HonourList['honours'];
/** The lists as they would be frozen, with the digest that freezing asks for. */
export type DrawnHonours = Get<'/api/v1/honours'>;
export type Honoured = Item<{ items: Honours['individuals'] }>;
export type HonourListSummary = Item<Get<'/api/v1/honour-lists'>>;
export type HonourList = Get<'/api/v1/honour-lists/{id}'>;
export type Anomaly = Item<Get<'/api/v1/anomalies'>>;
export type Venue = Item<Get<'/api/v1/venues'>>;
export type AnomalyOverview = Get<'/api/v1/anomaly-overview'>;
export type HonoursInput = Input<paths['/api/v1/honour-lists']['post']>['criteria'];
export type ManagedCourse = Item<Get<'/api/v1/managed-courses'>>;
export type ManagedCourseDetail = Get<'/api/v1/managed-courses/{id}'>;
export type ManagedLesson = ManagedCourseDetail['lessons'][number];
export type LessonInput = Input<paths['/api/v1/courses/{id}/lessons']['post']>;
export type LessonChange = Input<paths['/api/v1/lessons/{id}']['patch']>;
export type Quiz = NonNullable<ManagedLesson['quiz']>;
export type QuestionKind = Quiz['questions'][number]['kind'];
export type CourseFile = Made<'/api/v1/courses/{id}/files'>;
export type Handout = ManagedCourseDetail['handouts'][number];
export type Certificate = Item<Get<'/api/v1/certificates'>>;
export type Recognition = Item<Get<'/api/v1/recognitions'>>;
export type RecognisedOutcome = Item<Get<'/api/v1/recognised-outcomes'>>;
export type RecognisedOutcomeInput = Input<paths['/api/v1/recognised-outcomes']['post']>;
export type VideoStatus = Get<'/api/v1/videos/{id}'>;
export type Playback = Get<'/api/v1/lessons/{id}/playback'>;
export type VideoUpload = Made<'/api/v1/videos'>;
export type VideoParts = Get<'/api/v1/videos/{id}/parts'>;
export type ManagedQuestion = Item<Get<'/api/v1/lesson-questions'>>;
export type WaitingQuestions = Get<'/api/v1/waiting-questions'>;
export type CourseRatings = Get<'/api/v1/managed-courses/{id}/ratings'>;
export type Resident = Item<Get<'/api/v1/residents'>>;
export type DeskRegistrationInput = Input<paths['/api/v1/branches/{id}/residents']['post']>;
export type Helper = Made<'/api/v1/residents/{id}/helpers'>;
export type Move = Item<Get<'/api/v1/residents/{id}/moves'>>;
export type Merge = Item<Get<'/api/v1/resident-merges'>>;
export type Holdings = NonNullable<Merge['kept_holds']>;
export type Duplicate = Item<Get<'/api/v1/resident-duplicates'>>;
export type Mail = Item<Get<'/api/v1/mailbox'>>;
export type MailDetail = Get<'/api/v1/mailbox/{id}'>;
export type AuditEntry = Item<Get<'/api/v1/audit-entries'>>;
export type StaffAccount = Item<Get<'/api/v1/accounts'>>;
export type OneTimeCode = Made<'/api/v1/accounts/{id}/one-time-code'>;
/** What of the store a branch may fill, and does. */
export type StorageShare = Get<'/api/v1/branches/{id}/storage-quota'>;
export type StorageReport = Item<Get<'/api/v1/storage-reports'>>;
export type LedgerRootList = Get<'/api/v1/ledger-roots'>;
export type LedgerRoot = Item<Get<'/api/v1/ledger-roots'>>;
export type LedgerAudit = Item<Get<'/api/v1/ledger-audits'>>;
