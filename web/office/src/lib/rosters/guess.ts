import type { Branch } from '@changqing/shared/api/types';

/** The part of a branch's name that sets it apart, such as 春晓 of 春晓社区市民学校. */
function ownName(name: string): string {
	return name.replace(/(社区|街道|市民学校|分校|社区教育中心|教育中心)/g, '');
}

/**
 * The branch a file's name speaks of, by its code as a word of its own or by its name.
 *
 * @returns `null` when it speaks of none, or of more than one
 */
export function branchOfFile(fileName: string, branches: Branch[]): Branch | null {
	const plain = fileName.normalize('NFKC').replace(/\.[^.]*$/, '');
	const words = plain.toUpperCase().split(/[^A-Z0-9]+/);
	const byCode = branches.filter((branch) => words.includes(branch.code.toUpperCase()));
	if (byCode.length === 1) return byCode[0] ?? null;
	const byName = branches.filter((branch) => {
		const own = ownName(branch.name);
		// One letter would be found in any name.
		return own.length >= 2 && plain.includes(own);
	});
	return byName.length === 1 ? (byName[0] ?? null) : null;
}

/** Whether a file's name ends like one a roster can come in. */
export function isRosterKind(fileName: string): boolean {
	return /\.(xlsx|xlsm|xls|et|csv|tsv|txt)$/i.test(fileName);
}
