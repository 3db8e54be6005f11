export const duplicates = {
	title: '重复登记',
	intro:
		'这些记录可能是同一个人登记了两次。请核对：是同一个人就合并，不是就说明一下，以后不再提示。',
	none: '没有发现重复登记。',
	pair: (first: string, second: string) => `${first}和${second}`,
	first: '记录一',
	second: '记录二',
	differs: '（不一样）',
	idNumber: '身份证号',
	reasons: {
		same_id_number: '身份证号相同',
		same_name_alike_birth_date: '姓名相同，出生日期只差一点',
		alike_name_same_phone: '电话相同，姓名相同或相近',
	} as Record<string, string>,
	keepFirst: '合并，保留记录一',
	keepSecond: '合并，保留记录二',
	keepName: (record: string, name: string) => `合并，保留${record}：${name}`,
	dismiss: '不是同一个人',
	mergeTitle: '合并成一个人',
	merge: '合并',
	sure: (kept: string, keptNumber: string, other: string, otherNumber: string) =>
		`保留${kept}（${keptNumber}），把${other}（${otherNumber}）并进来？`,
	stays: '保留的记录：',
	joins: '并进来的记录：',
	holds: (credits: string, points: number, enrollments: number, completions: number) =>
		`${credits} 学分，${points} 积分，报名 ${enrollments} 门，学完 ${completions} 门。`,
	withAccount: '有登录账号。',
	withoutAccount: '没有登录账号。',
	canUndo: '两个学员号、两个账号以后都能用。合并错了可以撤销，原来的记录一样不少。',
	merged: (kept: string, other: string) => `${other}已经并到${kept}，现在是一个人。`,
	dismissed: (first: string, second: string) => `记下了：${first}和${second}不是同一个人。`,
	sureApart: (first: string, second: string) =>
		`${first}和${second}不是同一个人？以后不再提示这一对。`,
	done: '已经合并的',
	joined: (merged: string, mergedNumber: string, kept: string, keptNumber: string, at: string) =>
		`${merged}（${mergedNumber}）并到${kept}（${keptNumber}），${at}`,
	undo: '撤销合并',
	sureUndo: (kept: string, merged: string) =>
		`撤销以后，${kept}和${merged}又是两个人，各有各的记录。合并以后新增的记录留在${kept}名下。`,
	undone: (kept: string, merged: string) => `已经撤销：${kept}和${merged}又是两个人了。`,
};
