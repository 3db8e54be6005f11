import { filmOf, issueCard, withCamera } from '../support/cards.ts';
import { withToken } from '../support/discussion.ts';
import { admin, logIn, newName, newPhone, newResident, otherAdmin } from '../support/site.ts';
import { open, sweep, sweepDialog } from '../support/sweep.ts';
import { test, expect, observed, expectNothingForbidden } from '../support/test.ts';

interface Transfers {
	items: {
		amount: string;
		unit: string;
		reversed_by: string | null;
		reverses: string | null;
		explanation: string;
	}[];
}

test('rules 8 21: an award to a list is checked, made, and undone from where it was made', async ({
	page,
}) => {
	const people = [await newResident(page.request), await newResident(page.request)];
	const stranger = `${newName()} ${newPhone()}`;
	await logIn(page, admin());
	await open(page, '/office/awards/');

	await page.getByRole('button', { name: '核对名单' }).click();
	await expect(page.getByRole('alert')).toBeFocused();
	await expect(page).toHaveTitle(/^错误：/);
	await expect(page.getByLabel('名单', { exact: true })).toHaveAttribute('aria-invalid', 'true');

	const [one, other] = people;
	await page
		.getByLabel('名单', { exact: true })
		.fill(`${one?.learnerNumber}\n${other?.name}\t${other?.login}\n${stranger}`);
	await page.getByLabel('每人多少').fill('1.5');
	await page.getByLabel('原因').fill('十月防震演练');
	await page.getByRole('button', { name: '核对名单' }).click();

	await expect(page.getByText('2 人对上了，还有 1 行要处理。')).toBeVisible();
	await expect(page.locator('tbody tr').filter({ hasText: '没找到' })).toContainText(stranger);
	await expect(page.getByRole('button', { name: /^授予 \d+ 人$/ })).toHaveCount(0);
	await sweep(page, 'list with a stranger');
	await page
		.getByRole('button', { name: `从名单去掉 3. ${stranger}` })
		.or(page.getByRole('button', { name: `从名单去掉 ${stranger}` }))
		.click();
	await expect(page.getByText('2 人都对上了，可以授予。')).toBeVisible();

	await page.getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByRole('dialog')).toContainText('给 2 人，每人 1.5 学分');
	await expect(page.getByRole('dialog')).toContainText('合计 3 学分');
	await page.getByRole('dialog').getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByText('已授予 2 人，每人 1.5 学分。')).toBeVisible();

	await page.reload();
	await page.getByRole('button', { name: '撤回这次授予' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('撤回的原因').fill('名单拿错了');
	await dialog.getByRole('button', { name: '撤回这次授予' }).click();
	await expect(page.getByText('已撤回 2 人的授予。')).toBeVisible();
	await expect(page.getByRole('button', { name: '撤回这次授予' })).toHaveCount(0);

	// The resident sees both rows, in plain words.
	if (!one) throw new Error('no resident was made');
	const session = await page.request.post('/api/v1/session', {
		data: { login: one.login, password: one.password },
	});
	const { access_token } = (await session.json()) as { access_token: string };
	const answer = await page.request.get('/api/v1/me/credit-account/transfers', {
		headers: { Authorization: `Bearer ${access_token}` },
	});
	const { items } = (await answer.json()) as Transfers;
	expect(items.map((item) => item.amount).sort()).toEqual(['-1.50', '1.50']);
	expect(items.find((item) => item.amount === '1.50')?.reversed_by).not.toBeNull();
	expect(items.find((item) => item.amount === '1.50')?.explanation).toContain('十月防震演练');
});

test('rules 1 2 3 4 5 6 9 15: a sheet is read, a stranger is registered, and a large total waits for somebody else', async ({
	page,
}) => {
	const known = await newResident(page.request);
	const stranger = { name: newName(), phone: newPhone() };
	await logIn(page, admin());
	await open(page, '/office/awards/');
	const sheet = `签到表\n姓名,联系电话\n${known.name},${known.login}\n${stranger.name},${stranger.phone}\n`;
	await page
		.getByLabel('从表格读名单')
		.setInputFiles({ name: '签到.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) });
	await expect(page.getByText('读出 2 人，已填进名单。')).toBeVisible();
	await sweep(page, 'awards with a sheet');
	await page.getByLabel('每人多少').fill('600');
	const reason = `年度志愿${newName()}`;
	await page.getByLabel('原因').fill(reason);
	await page.getByRole('button', { name: '核对名单' }).click();
	const register = page.getByRole('button', {
		name: `现场登记：${stranger.name} ${stranger.phone}`,
	});
	await register.click();
	await page.keyboard.press('Escape');
	await expect(register).toBeFocused();
	await register.click();
	const dialog = page.getByRole('dialog');
	await expect(dialog.getByLabel('姓名', { exact: true })).toHaveValue(stranger.name);
	await dialog.getByLabel('登记到哪所学校').selectOption({ index: 1 });
	await dialog.getByLabel('出生日期').fill('1956-03-02');
	await dialog.getByRole('checkbox', { name: '已经读给居民听，居民同意' }).check();
	await dialog.getByRole('button', { name: '登记', exact: true }).click();
	await expect(page.getByText('2 人都对上了，可以授予。')).toBeVisible();
	const settled = page.getByRole('row').filter({ hasText: stranger.phone });
	await expect(settled.getByRole('button')).toBeFocused();
	await page.getByRole('button', { name: '授予 2 人' }).click();
	await page.getByRole('dialog').getByRole('button', { name: '授予 2 人' }).click();
	await expect(page.getByText(/等另一位管理员批准。$/).first()).toBeVisible();

	const proposal = page
		.getByRole('article', { name: '2 人，合计 1,200 学分' })
		.filter({ hasText: reason });
	await expect(proposal.getByRole('listitem')).toHaveCount(2);
	await expect(proposal).toContainText(stranger.name);
	await expect(proposal).toContainText('这是您提交的，请另一位管理员批准。');
	await sweep(page, 'an award that waits');
	await proposal.getByRole('button', { name: /^撤回这份名单/ }).click();
	await page.getByRole('dialog').getByLabel('原因').fill('名单拿错了');
	await page.getByRole('dialog').getByRole('button', { name: '撤回这份名单' }).click();
	await expect(page.getByText('已经处理，没有授予。')).toBeVisible();
});

/** Awards so much to each over the API, in the name of an admin who has logged in. */
async function award(
	call: ReturnType<typeof withToken>,
	people: { id: string }[],
	amount: string,
	reason: string,
): Promise<Record<string, unknown>> {
	return call('POST', '/credit-awards', {
		residents: people.map(({ id }) => ({ id })),
		unit: 'credit',
		amount,
		reason,
		earned_on: '2026-01-05',
	});
}

test('rules 1 2 3 4 5 6 9 15 21: who approves sees for whom, and what was awarded is reversed with a reason', async ({
	page,
	browser,
}) => {
	const people = [await newResident(page.request), await newResident(page.request)];
	const reason = `街道表彰${newName()}`;
	const proposing = await browser.newPage();
	const call = withToken(proposing.request, await logIn(proposing, admin()));
	await award(call, people, '600.00', reason);

	await logIn(page, otherAdmin());
	await open(page, '/office/awards/');
	const waiting = page
		.getByRole('article', { name: '2 人，合计 1,200 学分' })
		.filter({ hasText: reason })
		.first();
	for (const person of people)
		await expect(waiting).toContainText(`${person.name} ${person.learnerNumber}`);
	// Meanwhile one of them has it.
	await award(call, people.slice(1), '0.01', reason);
	await waiting.getByRole('button', { name: /^批准并授予/ }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: '批准并授予' }).click();
	await expect(dialog.getByRole('alert')).toContainText('一行也没有写入');
	await expect(dialog.getByText('其中 1 人现在不能授予')).toBeVisible();
	await expect(dialog.getByRole('listitem').first()).toContainText(people[1]?.name ?? '');
	await expect(dialog.getByRole('listitem').first()).toContainText('已经授予过');
	await sweepDialog(page, 'an approval, refused');
	await page.keyboard.press('Escape');
	await open(page, '/office/awards/');

	// What stood in the way is reversed, by somebody else and hence with a reason.
	const small = page.getByRole('article', { name: `${reason}：1 人，合计 0.01 学分` });
	await expect(small).toContainText('已授予');
	await expect(small.getByRole('button', { name: /^撤回/ })).toHaveCount(0);
	await small.getByRole('button', { name: /^冲正/ }).click();
	await dialog.getByRole('button', { name: '冲正' }).click();
	await expect(dialog.getByLabel('原因')).toBeFocused();
	await expect(dialog.getByText('学员在自己的记录里看得到原因。')).toBeVisible();
	await sweepDialog(page, 'a reversal');
	await dialog.getByLabel('原因').fill('名单拿错了');
	await dialog.getByRole('button', { name: '冲正' }).click();
	await expect(page.getByText(`“${reason}”：已冲正 1 人。`)).toBeVisible();
	await expect(small).toContainText('已全部冲正');

	await waiting.getByRole('button', { name: /^批准并授予/ }).click();
	await dialog.getByRole('button', { name: '批准并授予' }).click();
	await expect(page.getByText('批准好了，已经授予。')).toBeVisible();
	const posted = page.getByRole('article', { name: `${reason}：2 人，合计 1,200 学分` });
	await expect(posted).toContainText(`${otherAdmin().name}批准`);
	await posted.getByRole('button', { name: /^看凭据/ }).click();
	await expect(posted.getByLabel('凭据：照片、签到表')).toBeVisible();

	// Whoever made it undoes it without a reason, as long as it is new.
	await open(proposing, '/office/awards/');
	const made = proposing.getByRole('article', { name: `${reason}：2 人，合计 1,200 学分` });
	await made.getByRole('button', { name: /^撤回/ }).click();
	await proposing.getByRole('dialog').getByRole('button', { name: '撤回' }).click();
	await expect(proposing.getByText(`“${reason}”：已冲正 2 人。`)).toBeVisible();
	await expect(made.getByRole('button', { name: /^(撤回|冲正)/ })).toHaveCount(0);
	await sweep(proposing, 'awarded lists');
	await proposing.close();
});

test('rules 1 2 3 4 5 6 8 9: people are picked, and cards are scanned by a scanner that types', async ({
	page,
	browser,
	baseURL,
}) => {
	const [picked, shown] = [await newResident(page.request), await newResident(page.request)];
	const card = await issueCard(browser, baseURL ?? '', shown.id);
	await logIn(page, admin());
	await open(page, '/office/awards/');
	await page.getByRole('button', { name: '从人员里选' }).click();
	await page.getByRole('searchbox', { name: '找人' }).fill(picked.name);
	await page.keyboard.press('Enter');
	const line = `${picked.name} ${picked.learnerNumber}`;
	await page.getByRole('button', { name: `加入名单：${line}` }).click();
	const list = page.getByLabel('名单', { exact: true });
	await expect(list).toHaveValue(line);
	await sweep(page, 'awards, picking people');
	await page.getByRole('button', { name: `移出名单：${line}` }).click();
	await expect(list).toHaveValue('');

	await page.getByRole('button', { name: '扫学员卡' }).click();
	const field = page.getByLabel('学员卡', { exact: true });
	await field.fill('AAAAAAAAAAAAAAAAAAAAAA');
	await page.keyboard.press('Enter');
	await expect(field).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByText('没有这张学员卡，或者已经作废。')).toBeVisible();
	await sweep(page, 'awards, no such card');
	// A scanner types the address and presses Enter.
	await field.fill(new URL(card.address, baseURL).href);
	await page.keyboard.press('Enter');
	await expect(page.getByText(`已加入名单：${shown.name} ${shown.learnerNumber}`)).toBeVisible();
	await expect(field).toBeFocused();
	await expect(field).toHaveValue('');
	await expect(page.getByLabel('依据')).toHaveValue('scanned');
	// The same again is not written twice; the letters on the card say the same.
	await field.fill(card.code);
	await page.keyboard.press('Enter');
	await expect(page.getByText('已经在名单里')).toBeVisible();
	await expect(list).toHaveValue(`${shown.name} ${shown.learnerNumber}`);
	await page.getByLabel('每人多少').fill('1');
	await page.getByLabel('原因').fill(`扫卡签到${newName()}`);
	await page.getByRole('button', { name: '核对名单' }).click();
	await expect(page.getByText('1 人都对上了，可以授予。')).toBeVisible();
	await page.getByRole('button', { name: '改名单' }).click();
	await page.getByRole('button', { name: '扫学员卡' }).click();
	await page.getByRole('button', { name: '用摄像头扫' }).click();
	await expect(page.getByRole('alert').filter({ hasText: '请用扫码枪' })).toBeVisible();
});

test('the camera reads cards into the list', async ({
	browser,
	baseURL,
	launchOptions,
}, testInfo) => {
	const context = await browser.newContext({ baseURL });
	const person = await newResident(context.request);
	const card = await issueCard(browser, baseURL ?? '', person.id);
	await context.close();
	const film = testInfo.outputPath('card.y4m');
	filmOf(new URL(card.address, baseURL).href, film);
	const looking = await withCamera(launchOptions, film);
	const page = await looking.newPage({ baseURL, locale: 'zh-CN', serviceWorkers: 'block' });
	const seen = await observed(page, new URL(baseURL ?? '').origin);
	await logIn(page, admin());
	await open(page, '/office/awards/');
	await page.getByRole('button', { name: '扫学员卡' }).click();
	await page.getByRole('button', { name: '用摄像头扫' }).click();
	await expect(page.getByLabel('名单', { exact: true })).toHaveValue(
		`${person.name} ${person.learnerNumber}`,
	);
	await expect(page.getByText(/^已加入名单/)).toBeVisible();
	await page.getByRole('button', { name: '不扫了' }).click();
	await expect(page.getByRole('button', { name: '用摄像头扫' })).toBeVisible();
	expectNothingForbidden(seen);
	await looking.close();
});
