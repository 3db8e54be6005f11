import type { ResidentReference } from '../api/types';

/** One line of a pasted list. */
export interface ListedLine {
	/** The line as it was pasted, without what stands around it. */
	typed: string;
	/** Whom it names, or `null` when the line cannot be read. */
	reference: ResidentReference | null;
}

const telephone = /^(\+?86)?1\d{10}$|^0\d{9,11}$/;
const eightDigits = /^\d{8}$/;
const header =
	/^(序号|姓名|名字|学员|学员姓名|电话|手机|手机号|手机号码|联系电话|学员号|name|phone|telephone)$/i;

/** Words of a line; a telephone number written in groups becomes one word. */
function wordsOf(line: string): string[] {
	return line
		.normalize('NFKC')
		.replace(/\b(1\d{2})[\s-]+(\d{4})[\s-]+(\d{4})\b/g, '$1$2$3')
		.split(/[\s,;:、，；：|]+/)
		.map((word) => (/^\+?[\d-]+$/.test(word) ? word.replace(/-/g, '') : word))
		.filter((word) => word !== '');
}

/** Whether the last digit is the check digit of the others (Luhn), as in every learner number. */
function isLearnerNumber(word: string): boolean {
	if (!eightDigits.test(word)) return false;
	const sum = [...word].reduce((total, letter, place) => {
		// In eight digits the first, third, … are doubled.
		const value = Number(letter) * (place % 2 === 0 ? 2 : 1);
		return total + Math.floor(value / 10) + (value % 10);
	}, 0);
	return sum % 10 === 0;
}

/** Whom one line names: a learner number, or a name with a telephone. */
function referenceOf(words: string[]): ResidentReference | null {
	const names = words.filter((word) => !/\d/.test(word));
	// A name of two parts is written with a space in Latin letters and without in Chinese.
	const latin = names.some((word) => /^[\p{Script=Latin}'.-]+$/u.test(word));
	const name = names.join(latin ? ' ' : '');
	const number = words.find(isLearnerNumber);
	if (number !== undefined) return { learner_number: number };
	// Eight digits beside a name that are no learner number are a landline without its area code.
	const phone = words.find((word) => telephone.test(word) || eightDigits.test(word));
	if (phone === undefined) return null;
	if (name !== '') return { name, phone: phone.replace(/^\+?86(?=1)/, '') };
	return eightDigits.test(phone) ? { learner_number: phone } : null;
}

/** Reads a pasted list, one person a line; blank lines and a line of headings are left out. */
export function readList(pasted: string): ListedLine[] {
	return pasted
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter((line) => line !== '')
		.filter((line) => !wordsOf(line).every((word) => header.test(word)))
		.map((typed) => ({
			typed: typed.replace(/\s+/g, ' '),
			reference: referenceOf(wordsOf(typed)),
		}));
}
