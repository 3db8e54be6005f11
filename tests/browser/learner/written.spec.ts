import { article, publishedCourse, quiz } from '../support/authoring.ts';
import { finishReading } from '../support/discussion.ts';
import { tabTo } from '../support/keyboard.ts';
import { enroll, lessonPage, logInAsNewResident, newName } from '../support/site.ts';
import { open, settled, sweep } from '../support/sweep.ts';
import { test, expect } from '../support/test.ts';

const questions = quiz('防震测验', [
	{ kind: 'single', text: '地震来了先做什么？', options: ['护住头', '坐电梯'], right: [0] },
	{ kind: 'multiple', text: '哪些要放进应急包？', options: ['水', '手电', '花瓶'], right: [0, 1] },
]);

test('an article is read, then a quiz is passed, and the course is finished', async ({
	page,
	browser,
}) => {
	const text = '# 先护住头\n\n**不要坐电梯。**\n\n- 躲到结实的桌子下\n- 等摇晃停了再走';
	const title = `防震${newName()}`;
	const course = await publishedCourse(browser, { title }, [article('读一读', text), questions]);
	await logInAsNewResident(page);
	await open(page, `/course/?id=${course.id}`);
	await expect(page.getByText('文章')).toBeVisible();
	await page.getByRole('button', { name: '报名，开始学' }).click();

	await expect(page.getByRole('heading', { name: '先护住头' })).toBeVisible();
	await sweep(page, 'an article');
	await finishReading(page);
	await expect(page.getByRole('heading', { name: '这一课读完了！' })).toBeFocused();
	await expect(page.getByText('得到 0.5 学分')).toBeVisible();
	await page.getByRole('link', { name: '看下一课' }).click();

	await expect(page.getByRole('heading', { level: 1, name: '防震测验' })).toBeVisible();
	await page.getByRole('button', { name: '开始答题' }).click();
	await expect(page.getByRole('heading', { name: '第 1 题，共 2 题' })).toBeFocused();
	await page.getByRole('button', { name: '就选这个' }).click();
	await expect(page.getByText('请先选答案')).toBeVisible();
	await sweep(page, 'a question, refused');
	await page.getByRole('radio', { name: '坐电梯' }).check();
	await page.getByRole('button', { name: '就选这个' }).click();
	await expect(page.getByText('这题没答对。')).toBeVisible();
	await expect(page.getByText('正确答案：护住头')).toBeVisible();
	await sweep(page, 'a question, answered');

	// The next day on another page: the attempt goes on where it stopped.
	await page.reload();
	await page.getByRole('button', { name: '接着答题' }).click();
	await expect(page.getByRole('heading', { name: '第 2 题，共 2 题' })).toBeFocused();
	await page.getByRole('checkbox', { name: '水' }).check();
	await page.getByRole('checkbox', { name: '手电' }).check();
	await page.getByRole('button', { name: '就选这个' }).click();
	await expect(page.getByText('答对了！')).toBeVisible();
	await page.getByRole('button', { name: '看看结果' }).click();
	await expect(page.getByRole('heading', { name: '这次没通过' })).toBeFocused();
	await sweep(page, 'a quiz, not passed');

	await page.route('**/quiz-attempts', (route) => route.abort(), { times: 1 });
	await page.getByRole('button', { name: '再答一次' }).click();
	await expect(page.getByText('现在连不上网络')).toBeVisible();
	await page.getByRole('button', { name: '再答一次' }).click();
	await page.getByRole('radio', { name: '护住头' }).check();
	await page.getByRole('button', { name: '就选这个' }).click();
	await page.getByRole('button', { name: '下一题' }).click();
	await page.getByRole('checkbox', { name: '水' }).check();
	await page.getByRole('checkbox', { name: '手电' }).check();
	await page.getByRole('button', { name: '就选这个' }).click();
	await page.getByRole('button', { name: '看看结果' }).click();
	await expect(page.getByRole('heading', { name: '通过了！' })).toBeFocused();
	await expect(page.getByText('得到 0.5 学分')).toBeVisible();
	await expect(page.getByText('50 分')).toBeVisible();
	await sweep(page, 'a quiz, passed');
	await open(page, `/course/?id=${course.id}`);
	await expect(page.getByText('这门课您已经学完，真好！')).toBeVisible();
});

test('an article is not finished before there was time to read it', async ({ page, browser }) => {
	const course = await publishedCourse(browser, { title: `长文${newName()}` }, [
		article('读一读', '先护住头，再慢慢走到空地上去。'.repeat(200)),
	]);
	const person = await logInAsNewResident(page);
	await enroll(page.request, person.token, course);
	await open(page, `${lessonPage(course)}&kind=article`);
	await page.getByRole('button', { name: '我读完了' }).click();
	await expect(page.getByRole('status').filter({ hasText: '请慢慢读' })).toBeVisible();
	await sweep(page, 'an article, not read yet');
});

test('rule 6: a quiz by keyboard alone', async ({ page, browser }) => {
	const course = await publishedCourse(browser, { title: `测验${newName()}` }, [questions]);
	const person = await logInAsNewResident(page);
	await enroll(page.request, person.token, course);
	await open(page, `${lessonPage(course)}&kind=quiz`);
	const { keyboard } = page;
	await tabTo(page, page.getByRole('button', { name: '开始答题' }));
	await keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: '第 1 题，共 2 题' })).toBeFocused();
	await tabTo(page, page.getByRole('radio', { name: '护住头' }));
	await keyboard.press('Space');
	await tabTo(page, page.getByRole('button', { name: '就选这个' }));
	await keyboard.press('Enter');
	await expect(page.getByText('答对了！')).toBeVisible();
	await tabTo(page, page.getByRole('button', { name: '下一题' }));
	await keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: '第 2 题，共 2 题' })).toBeFocused();
});

test('a course that comes first is named, and nobody enrols before it', async ({
	page,
	browser,
}) => {
	const first = await publishedCourse(browser, { title: `入门${newName()}` }, [
		article('读一读', '好'),
	]);
	const given = { title: `进阶${newName()}`, prerequisites: [first.id] };
	const second = await publishedCourse(browser, given, [article('再读', '好')]);
	await logInAsNewResident(page);
	await open(page, `/course/?id=${second.id}`);
	await settled(page);
	await expect(page.getByText('学这门课之前，请先学完：')).toBeVisible();
	await expect(page.getByRole('button', { name: '报名，开始学' })).toBeHidden();
	await sweep(page, 'a course that waits for another');
	await page.getByRole('link', { name: first.title }).click();
	await expect(page.getByRole('heading', { level: 1, name: first.title })).toBeVisible();
});
