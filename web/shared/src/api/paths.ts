/** The API's OpenAPI document as types, for applications that name shapes of their own. */
export type { paths } from './schema';
