import type { Messages } from '../zh-CN';
import { accounts } from './accounts';
import { anomalies } from './anomalies';
import { audit } from './audit';
import { awards } from './awards';
import { captions } from './captions';
import { cards } from './cards';
import { certificates } from './certificates';
import { common } from './common';
import { comparison, wall } from './comparison';
import { courses } from './courses';
import { duplicates } from './duplicates';
import { files } from './files';
import { honours } from './honours';
import { ledger } from './ledger';
import { lessons } from './lessons';
import { overview } from './overview';
import { people } from './people';
import { disclosure, person } from './person';
import { questions, ratings } from './questions';
import { monthMails, ranking } from './ranking';
import { recognition } from './recognition';
import { register } from './register';
import { rewards } from './rewards';
import { rosters } from './rosters';
import { rules } from './rules';
import { storage } from './storage';
import { street, targets } from './street';
import { venues } from './venues';
import { year } from './year';

export const en: Messages = {
	...common,
	accounts,
	anomalies,
	audit,
	rewards,
	rosters,
	rules,
	monthMails,
	ranking,
	awards,
	captions,
	cards,
	certificates,
	comparison,
	courses,
	files,
	honours,
	ledger,
	lessons,
	recognition,
	register,
	duplicates,
	storage,
	street,
	targets,
	venues,
	year,
	wall,
	person,
	overview,
	questions,
	ratings,
	disclosure,
	...people,
};
