/** What stands on the first page beside the figures. */
export const overview = {
	year: '看十二个月的数字',
	gapsTitle: '差距在哪里',
	noGaps: '这几项都排在第一，继续保持。',
	nothingToCompare: '现在没有差距可比。',
	gaps: {
		new_registrations: (gap: string) => `再登记 ${gap} 人，就能赶上前一名`,
		total_registrations: (gap: string) => `累计再多 ${gap} 人，就能赶上前一名`,
		registrations_per_1000: (gap: string) => `每千人再多 ${gap} 人，就能赶上前一名`,
		active_learners: (gap: string) => `再有 ${gap} 人来学，就能赶上前一名`,
		learning_hours: (gap: string) => `再学 ${gap} 小时，就能赶上前一名`,
		completions: (gap: string) => `再学完 ${gap} 门次，就能赶上前一名`,
		credits: (gap: string) => `再得 ${gap} 学分，就能赶上前一名`,
		credits_per_1000: (gap: string) => `每千人再多 ${gap} 学分，就能赶上前一名`,
	},
	todoTitle: '等您做的事',
	nothingToDo: '现在没有要做的事。',
	questions: (count: number) => `有 ${count} 个提问等着回答`,
	unregistered: '这个月还没有新登记：把学员登记表导进来',
};
