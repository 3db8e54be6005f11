import { query } from './address';

/** What the catalogue is searched for and filtered by, named alike in the page's query and the API's. */
const NAMES = ['q', 'topic', 'group', 'branch_id', 'length'] as const;

/** Without what filters nothing. */
export type CourseFilters = Partial<Record<(typeof NAMES)[number], string>>;

const withoutEmpty = (filters: CourseFilters): CourseFilters =>
	Object.fromEntries(Object.entries(filters).filter(([, value]) => value));

/** Those that the page's address names. */
export function courseFilters(): CourseFilters {
	return withoutEmpty(Object.fromEntries(NAMES.map((name) => [name, query(name)])));
}

/** The catalogue, searched and filtered. */
export function coursesAddress(filters: CourseFilters): string {
	return `/courses/?${new URLSearchParams(withoutEmpty(filters))}`;
}
