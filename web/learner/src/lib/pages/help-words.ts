import { dictionary } from '@changqing/shared/messages/index';

const zhCN = {
	title: '帮助',
	intro: '有不明白的地方，打电话问最快。',
	hours: '也可以到您社区的市民学校，当面问老师。',
	topics: [
		{
			title: '怎么注册',
			steps: [
				'点“注册，成为学员”。',
				'一页只问一件事，填好点“继续”。',
				'最后会显示您的学员号，记下来，登录时用得上。',
			],
		},
		{
			title: '怎么用学员卡登录',
			steps: [
				'点“用学员卡登录”，再点“用摄像头扫卡”，把卡上的方块码对准画面中间。',
				'按您的六位密码。还没有密码，请社区学校的工作人员给您一个一次性验证码。',
				'这部手机会记住您，下次点您的名字就进去了。',
			],
		},
		{
			title: '怎么看课',
			steps: [
				'在“课程”里挑一门，点“报名，开始学”。',
				'点视频中间的三角，就开始放。',
				'没听清就点“退回 10 秒”；说得太快就点“慢一点”。',
				'中间停下来没关系，下次从停的地方接着看。',
			],
		},
		{
			title: '怎么得学分',
			steps: [
				'一课看满十分之九，就算学完，学分自动记到您名下。',
				'跳过去没看的不算，重复看同一段只算一次。',
				'在“我的学分”里，每一笔怎么来的都写着。',
			],
		},
		{
			title: '字太小怎么办',
			steps: ['点页面最上面的“长辈版”，字就变大了。', '还嫌小，到“设置”里选“特大字”。'],
		},
	],
};

const en: typeof zhCN = {
	title: 'Help',
	intro: 'If anything is unclear, a call is the quickest way.',
	hours: 'You can also ask the teachers at the school in your community.',
	topics: [
		{
			title: 'How to register',
			steps: [
				'Choose “Register as a learner”.',
				'Each page asks one thing. Fill it in and choose “Continue”.',
				'At the end you see your learner number. Write it down: you can log in with it.',
			],
		},
		{
			title: 'How to log in with your learner card',
			steps: [
				'Choose “Log in with your learner card”, then “Scan the card”, and hold the square code in the middle of the picture.',
				'Enter your six digits. If you have none yet, ask the staff of your school for a one-time code.',
				'The phone remembers you: next time you press your name and are in.',
			],
		},
		{
			title: 'How to watch a course',
			steps: [
				'Pick one under “Courses” and choose “Join and start”.',
				'Tap the triangle in the video to play.',
				'Missed something? Choose “Back 10 seconds”. Too fast? Choose “Slower”.',
				'Stop whenever you like: next time you continue where you stopped.',
			],
		},
		{
			title: 'How to earn credits',
			steps: [
				'A lesson is completed when you have watched nine tenths of it; the credits come by themselves.',
				'What you skip does not count, and watching the same part twice counts once.',
				'“My credits” says where each of them comes from.',
			],
		},
		{
			title: 'The text is too small',
			steps: [
				'Choose “Large text” at the top of the page.',
				'Still too small? Choose “Extra large” under “Settings”.',
			],
		},
	],
};

/** The words of the help page: no other page need carry them. */
export const words = dictionary({ 'zh-CN': zhCN, en });
