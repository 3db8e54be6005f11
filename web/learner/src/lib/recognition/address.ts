/** The page of one claim; `person` is whom one helps, or empty. */
export function claimAddress(id: string, person: string): string {
	const address = `/recognition/?id=${encodeURIComponent(id)}`;
	return person ? `${address}&for=${encodeURIComponent(person)}` : address;
}

/** The list that it stands in. */
export function claimsAddress(person: string): string {
	return person ? `/recognition/?for=${encodeURIComponent(person)}` : '/recognition/';
}
