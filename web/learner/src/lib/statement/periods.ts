/** A period that people ask for by name. */
export type Period = 'month' | 'lastMonth' | 'year' | 'lastYear' | 'all';

const pad = (number: number): string => String(number).padStart(2, '0');

/** The first and last day of a month, counted from 1; 0 is the December before. */
function monthOf(year: number, month: number): { from: string; to: string } {
	const [inYear, inMonth] = month < 1 ? [year - 1, 12] : [year, month];
	const last = new Date(Date.UTC(inYear, inMonth, 0)).getUTCDate();
	return { from: `${inYear}-${pad(inMonth)}-01`, to: `${inYear}-${pad(inMonth)}-${pad(last)}` };
}

/** The days of a period, where `thisMonth` (`YYYY-MM`) is the server's month. */
export function periodOf(period: Period, thisMonth: string): { from: string; to: string } {
	const [year = 0, month = 1] = thisMonth.split('-').map(Number);
	switch (period) {
		case 'month':
			return monthOf(year, month);
		case 'lastMonth':
			return monthOf(year, month - 1);
		case 'year':
			return { from: `${year}-01-01`, to: `${year}-12-31` };
		case 'lastYear':
			return { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` };
		case 'all':
			return { from: '2000-01-01', to: `${year}-12-31` };
	}
}
