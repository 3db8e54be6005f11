import { answer, api } from '@changqing/shared/api/client';
import type { Venue } from '../api/types';

/** The open venues of the branches that this account works for. */
export async function fetchVenues(): Promise<Venue[]> {
	return (await answer(api.GET('/api/v1/venues'))).items;
}
