import type { paths } from './schema';

/**
 * The body of a successful answer, read from the call itself, so that it does not matter what the
 * OpenAPI document calls its schemas.
 */
type Ok<Operation> = Operation extends {
	responses: { 200: { content: { 'application/json': infer Body } } };
}
	? Body
	: Operation extends { responses: { 201: { content: { 'application/json': infer Body } } } }
		? Body
		: never;
type Get<Path extends keyof paths> = Ok<paths[Path]['get']>;
type Post<Path extends keyof paths> = Ok<paths[Path]['post']>;
type Put<Path extends keyof paths> = Ok<paths[Path]['put']>;
type Item<List> = List extends { items: (infer Entry)[] } ? Entry : never;

export type Session = Post<'/api/v1/session'>;
export type Account = Session['account'];
export type Me = Get<'/api/v1/me'>;
export type Branch = Item<Get<'/api/v1/branches'>>;
export type CodedName = Item<Get<'/api/v1/topics'>>;
export type Consent = Get<'/api/v1/consents/current'>;
export type Course = Item<Get<'/api/v1/courses'>>;
export type CourseDetail = Get<'/api/v1/courses/{id}'>;
export type Lesson = CourseDetail['lessons'][number];
export type CourseState = Get<'/api/v1/me/courses/{id}'>;
export type LessonState = CourseState['lessons'][number];
export type Enrollment = Item<Get<'/api/v1/me/enrollments'>>;
export type Playback = Get<'/api/v1/lessons/{id}/playback'>;
export type ArticleText = Get<'/api/v1/lessons/{id}/article'>;
export type QuizAttempt = Post<'/api/v1/lessons/{id}/quiz-attempts'>;
export type LessonQuestionList = Get<'/api/v1/lessons/{id}/questions'>;
export type LessonQuestion = Item<LessonQuestionList>;
export type OwnQuestionList = Get<'/api/v1/me/questions'>;
export type CourseRating = Get<'/api/v1/courses/{id}/rating'>;
export type Progress = Put<'/api/v1/lessons/{id}/progress'>;
export type OwnCertificate = Item<Get<'/api/v1/me/certificates'>>;
export type CheckedCertificate = Get<'/api/v1/certificates/{code}'>;
export type CreditHistory = Get<'/api/v1/me/credit-account/history'>;
export type CheckedStatement = Get<'/api/v1/credit-statements/{code}'>;
export type CreditAccount = Get<'/api/v1/me/credit-account'>;
export type CreditTransfer = Item<Get<'/api/v1/me/credit-account/transfers'>>;
export type Reward = Item<Get<'/api/v1/rewards'>>;
export type Redemption = Item<Get<'/api/v1/me/redemptions'>>;
export type HelperList = Get<'/api/v1/me/helpers'>;
export type Helper = Item<HelperList>;
export type HelperInvitation = Post<'/api/v1/me/helper-invitation'>;
export type HelpActList = Get<'/api/v1/me/helper-acts'>;
export type Helped = Get<'/api/v1/me/helped/{id}'>;
export type EnrollmentList = Get<'/api/v1/me/helped/{id}/enrollments'>;
export type OwnConsent = Item<Get<'/api/v1/me/consents'>>;
export type PersonalExport = Get<'/api/v1/me/export'>;
export type RememberedPerson = Item<Get<'/api/v1/session/people'>>;
export type RecognisedOutcome = Item<Get<'/api/v1/recognised-outcomes'>>;
export type RecognitionList = Get<'/api/v1/me/recognitions'>;
export type Recognition = Get<'/api/v1/me/recognitions/{id}'>;
export type RecognitionNotice = Item<Get<'/api/v1/recognition-notices'>>;
export type Device = Item<Get<'/api/v1/me/devices'>>;
