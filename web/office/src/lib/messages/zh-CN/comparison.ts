/** Two schools beside each other. */
export const comparison = {
	title: '比较两所学校',
	one: '这一所',
	other: '另一所',
	same: '请选两所不同的学校',
	difference: '相差',
	table: (month: string) => `两所学校的数字，${month}`,
};

/** The ranking on the office's television. */
export const wall = {
	title: '大屏幕',
	hint: '每 15 秒换一项。按“全屏”后放到电视上，按 Esc 退出。',
	fullScreen: '全屏',
	pause: '停在这一项',
	resume: '接着换',
	next: '下一项',
};
