export const zhCN = {
	course: {
		title: '课程',
		lessons: '课时',
		lesson: (position: number) => `第 ${position} 课`,
		minutes: (minutes: number) => `约 ${minutes} 分钟`,
		kinds: { article: '文章', quiz: '测验' },
		done: '学完了',
		watched: (minutes: number) => `看了 ${minutes} 分钟`,
		enroll: '报名，开始学',
	},
	lesson: {
		title: '看课',
		toCourse: '回到课程',
		back10: '退回 10 秒',
		speed: '播放快慢',
		speeds: { '0.75': '慢一点', '1': '正常', '1.25': '快一点' },
		audioOnly: '只听声音',
		dataSaver: '省流量',
		sharp: '高清',
		preview: '画面预览',
		transcript: '看文字稿',
		questions: '提问与解答',
		captions: { 'zh-CN': '中文字幕', en: '英文字幕' },
		progress: '学习进度',
		watched: (watched: string, required: string) => `已经看了 ${watched}，看满 ${required}就算学完`,
		span: (minutes: number, seconds: number) =>
			minutes === 0
				? `${Math.round(seconds)} 秒`
				: seconds === 0
					? `${minutes} 分钟`
					: `${minutes} 分 ${Math.round(seconds)} 秒`,
		completed: '这一课学完了！',
		completedEarlier: '这一课您已经学完了，可以再看一遍。',
		earned: (amount: string, unit: string) => `得到 ${amount} ${unit}`,
		units: { credit: '学分', point: '积分' },
		next: '看下一课',
		seeCredits: '看我的学分',
		waiting: '网络断了。看过的部分先记在这台设备上，有网络时会自动补上。',
		refused: '这一段没有记上。',
		failed: '视频打不开。请看看网络，再点“再试一次”。',
		replaced: '课程更新过了，这一课已经换掉。请回到课程，接着学新的。',
		notEnrolled: '看这一课之前，要先报名这门课。',
		note: '跳过去没看的地方不算，重复看同一段只算一次。',
	},
};

export type LessonWords = typeof zhCN;
