//! Every stable code with its kind and its words in both languages.

use super::Kind;
use crate::language::Language;

macro_rules! codes {
    ($($name:ident $code:literal $kind:ident $chinese:literal $english:literal;)*) => {
        /// A stable, machine-read code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $english] $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as programs read it (`snake_case`).
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What sort of refusal it is.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }

            /// What it says to the reader, and what to do.
            #[must_use]
            pub const fn detail(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($chinese, $english),)* }
            }

            /// The code of this name.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    // Any request
    Malformed "malformed_request" Malformed "请求内容读不懂，请检查后再试。" "The request could not be read. Check it and try again.";
    NotLoggedIn "not_logged_in" Unauthenticated "请先登录。" "Log in first.";
    TokenInvalid "token_invalid" Unauthenticated "登录已过期，请重新登录。" "Your log-in has expired. Log in again.";
    Forbidden "forbidden" Forbidden "您的账号不能做这件事。" "Your account cannot do this.";
    NotFound "not_found" NotFound "没有找到。" "Not found.";
    FieldsInvalid "fields_invalid" Invalid "有些内容填得不对，请看下面的说明。" "Some of what was filled in is wrong; see below.";
    TooLarge "too_large" TooLarge "内容太大了。" "That is too large.";
    UnsupportedContentType "unsupported_content_type" Unsupported "不支持这种内容类型。" "This type of content is not supported.";
    HostUnknown "host_unknown" Forbidden "这个网址不是本站的网址。管理员可在 SITE_URL 中登记。" "This address is not one of this site. Whoever runs it can name it in SITE_URL.";
    OriginForeign "origin_foreign" Forbidden "这个请求来自别的网站，不能受理。请直接在本站操作。" "This request comes from another site and is not taken. Do it on this site itself.";
    MethodNotAllowed "method_not_allowed" Malformed "这个地址不支持这种请求方式。" "This address does not take that method.";
    TooManyRequests "too_many_requests" TooMany "操作太频繁了，请稍等一会儿再试。" "Too many attempts. Wait a little and try again.";
    Unavailable "unavailable" Unavailable "服务暂时不可用，请过一会儿再试。" "The service is unavailable for the moment. Try again shortly.";
    StorageUnavailable "storage_unavailable" Unavailable "视频和文件暂时不可用，请过一会儿再试。" "Videos and files are unavailable for the moment. Try again shortly.";
    Internal "internal_error" Internal "系统出了问题，我们已经记录下来。请稍后再试。" "Something went wrong on our side and has been recorded. Try again later.";
    IdempotencyKeyRequired "idempotency_key_required" Malformed "缺少 Idempotency-Key 请求头（一个 UUID）。" "The Idempotency-Key header (a UUID) is missing.";
    IdempotencyKeyReused "idempotency_key_reused" Conflict "这个 Idempotency-Key 已用于另一个请求。" "This Idempotency-Key was used for a different request.";
    CursorInvalid "cursor_invalid" Invalid "翻页位置无效，请从第一页重新开始。" "The cursor is not valid. Start from the first page.";
    LimitInvalid "limit_invalid" Invalid "每页数量应在 1 到 100 之间。" "The limit must be between 1 and 100.";

    // Fields
    Required "required" Invalid "请填写这一项。" "Fill this in.";
    TooLong "too_long" Invalid "太长了，请缩短一些。" "Too long. Shorten it.";
    ValueInvalid "value_invalid" Invalid "这个值不在可选范围内。" "This is not one of the values that can be chosen.";
    NameInvalid "name_invalid" Invalid "请填写真实姓名，不含数字和符号。" "Enter the name without digits or signs.";
    PhoneInvalid "phone_invalid" Invalid "电话号码不对，请填写 11 位手机号，或带区号的座机号。" "The telephone number is wrong. Enter an 11-digit mobile number, or a landline with its area code.";
    EmailInvalid "email_invalid" Invalid "邮箱地址不对，例如 name@example.com。" "The e-mail address is wrong. Example: name@example.com.";
    ContactRequired "contact_required" Invalid "请填写手机号或邮箱，至少一项。" "Enter a telephone number or an e-mail address.";
    BirthDateInvalid "birth_date_invalid" Invalid "出生日期不对，例如 1956-03-02。" "The date of birth is wrong. Example: 1956-03-02.";
    BirthDateInFuture "birth_date_in_future" Invalid "出生日期在今天之后，请检查。" "The date of birth is in the future.";
    BirthDateDiffers "birth_date_differs" Invalid "出生日期和身份证号里的不一致，请核对。" "The date of birth is not the one in the ID number. Check both.";
    GuardianRequired "guardian_required" Invalid "未满 14 周岁，需要监护人到社区学校办理登记。" "Under 14: a guardian has to register the child at the branch school.";
    PasswordTooShort "password_too_short" Invalid "密码至少 8 位。" "The password needs at least 8 characters.";
    PasswordTooLong "password_too_long" Invalid "密码最多 128 位。" "The password may have at most 128 characters.";
    BranchUnknown "branch_unknown" Invalid "没有这所分校，请从列表中选择。" "There is no such branch. Choose one from the list.";
    YearInvalid "year_invalid" Invalid "年份不对，例如 2026。" "The year is wrong. Example: 2026.";
    MetricHasNoTarget "metric_has_no_target" Invalid "这个指标不能定全年目标。" "There are no yearly targets for this metric.";
    TargetInvalid "target_invalid" Invalid "目标要大于 0，比率不超过 100。" "A target is above 0, and a rate at most 100.";
    WeightsInvalid "weights_invalid" Invalid "权重是 0 到 100 的整数，合计要等于 100。" "Weights are whole numbers from 0 to 100 that add up to 100.";
    MetricHasNoPart "metric_has_no_part" Invalid "这个指标不能这样筛选，请去掉这个条件。" "This metric is not counted by that. Leave it out.";
    GroupUnknown "group_unknown" Invalid "没有这个人群类别，请从列表中选择。" "There is no such group. Choose from the list.";
    TopicUnknown "topic_unknown" Invalid "没有这个主题，请从列表中选择。" "There is no such topic. Choose from the list.";
    ConsentVersionInvalid "consent_version_invalid" Invalid "同意书已更新，请重新阅读后再同意。" "The consent text has changed. Read it again and agree.";
    MonthInvalid "month_invalid" Invalid "月份不对，例如 2026-11。" "The month is wrong. Example: 2026-11.";
    MetricUnknown "metric_unknown" Invalid "没有这个指标。" "There is no such figure.";
    StatementTooLong "statement_too_long" Invalid "这段时间的流水太多，一张对账单放不下，请选短一些的时间。" "This period has too many bookings for one statement. Choose a shorter one.";
    FormatUnknown "format_unknown" Invalid "没有这种导出格式，请选 csv 或 xlsx。" "There is no such export format. Choose csv or xlsx.";
    AmountInvalid "amount_invalid" Invalid "数额不对：学分最多两位小数，积分为整数，必须大于零。" "The amount is wrong: credits have at most two decimals, points are whole, and it must be above zero.";
    DateInFuture "date_in_future" Invalid "日期不能在今天之后。" "The date cannot be in the future.";
    DateInPast "date_in_past" Invalid "日期不能早于今天。" "The date cannot be before today.";
    DateInvalid "date_invalid" Invalid "日期不对，例如 2026-11-05。" "The date is wrong. Example: 2026-11-05.";
    CodeTaken "code_taken" Conflict "这个代码已有分校使用。" "Another branch has this code already.";
    BranchCodeInvalid "branch_code_invalid" Invalid "分校代码为 1 到 12 位大写字母或数字。" "A branch code has 1 to 12 capital letters or digits.";
    PopulationInvalid "population_invalid" Invalid "人口应为大于零的整数。" "The population must be a whole number above zero.";
    SeatsInvalid "seats_invalid" Invalid "座位数应为 1 到 10,000 的整数。" "The seats must be a whole number from 1 to 10,000.";
    VenueNameTaken "venue_name_taken" Conflict "这所学校已经有同名的场地，请换一个名称。" "This branch has an open venue of that name. Choose another name.";
    VenuesFull "venues_full" Conflict "这所学校已经有 100 个场地，不能再添加了。请先停用不再用的。" "This branch has 100 open venues and cannot have more. Close one that is not used any more first.";
    VenueUnknown "venue_unknown" Invalid "没有这个场地，请从列表中选择。" "There is no such venue. Choose from the list.";
    VenueClosed "venue_closed" Conflict "这个场地已经停用，请换一个。" "This venue has been closed. Choose another.";

    // People and sessions
    ResidentExists "resident_exists" Conflict "这位居民已经登记过了。请直接登录；没有密码的，请到社区学校领取一次性验证码。" "This person is registered already. Log in, or ask the branch school for a one-time code.";
    EmailTaken "email_taken" Conflict "这个邮箱已有账号使用。" "Another account uses this e-mail address.";
    CredentialsInvalid "credentials_invalid" Unauthenticated "账号或密码不对，请再试一次。" "The login or the password is wrong. Try again.";
    ChooseLearnerNumber "choose_learner_number" Conflict "这个号码有多位学员使用，请改用学员号登录。" "Several learners share this number. Log in with the learner number.";
    SecondFactorRequired "second_factor_required" Unauthenticated "请打开手机上的验证器，输入六位验证码。" "Open the authenticator on your phone and enter its six digits.";
    SecondFactorInvalid "second_factor_invalid" Unauthenticated "验证码不对或已用过。请等验证器换出新的六位数字再输入。" "The code is wrong or has been used. Wait for the next six digits and enter those.";
    OneTimeCodeInvalid "one_time_code_invalid" Unauthenticated "账号或一次性验证码不对，或者验证码已用过、已过期。请核对后再试，或请管理员重发一个。" "The login or the one-time code is wrong, or the code has been used or has run out. Check both, or ask for a new code.";
    PasswordResetInvalid "password_reset_invalid" Unauthenticated "这个链接已用过、已过期或不完整。请重新申请一个，并打开最新的邮件。" "This link has been used, has run out or is not complete. Ask for another one and open the newest mail.";
    OwnAccount "own_account" Conflict "不能改自己的角色，也不能停用自己的账号或动态码。请另一位管理员来做。" "Nobody changes their own role, shuts themselves out or takes away their own codes. Ask another admin.";
    ChallengeInvalid "challenge_invalid" Unauthenticated "这次登录已失效，请重新输入账号和密码。" "This log-in is no longer open. Enter the login and password again.";
    SecondFactorUnset "second_factor_unset" Forbidden "请先设好登录动态码，再做别的事：在“我的账号”里用手机扫一扫就好。" "Set up codes at log-in first: open My account and scan the picture with your phone.";
    ReauthenticationRequired "reauthentication_required" Forbidden "做这件事前，请再输入一次密码和验证码。" "Enter your password and code once more before you do this.";
    SecondFactorNotBegun "second_factor_not_begun" Conflict "请先扫描二维码，再输入验证码。" "Scan the picture first, then enter the code.";
    StaffPasswordTooShort "staff_password_too_short" Invalid "工作人员的密码至少 15 位，可以用几个不相干的词连起来。" "Staff passwords need at least 15 characters; a few unrelated words will do.";
    PasswordGuessable "password_guessable" Invalid "这个密码太容易被猜到，请换一个：不要用姓名、邮箱、站名，也不要用连续或重复的字符。" "This password is easy to guess. Choose another, without names, addresses, sequences or repetitions.";
    CardOrPinInvalid "card_or_pin_invalid" Unauthenticated "学员卡或密码不对，请再试一次。还没有设过密码的，请向社区学校要一次性验证码。" "The card or the PIN is wrong. Try again. Without a PIN, ask the branch school for a one-time code.";
    PinInvalid "pin_invalid" Invalid "密码要正好六位数字。" "A PIN has exactly six digits.";
    PinGuessable "pin_guessable" Invalid "这个密码太容易被猜到。请不要用生日、相同的或连着的数字。" "This PIN is easy to guess. Do not use your birthday, the same digits or digits in a row.";
    PinRequired "pin_required" Unauthenticated "这台手机有几个人在用，请输入您的六位密码。" "Several people use this phone. Enter your six digits.";
    DeviceUnknown "device_unknown" Unauthenticated "这台手机不记得您了，请用学员卡或手机号登录。" "This phone does not remember you any more. Log in with your card or telephone number.";
    CardListEmpty "card_list_empty" Invalid "请先选人。" "Choose somebody first.";
    CardListTooLong "card_list_too_long" Invalid "一次最多印 200 张卡，请分几次。" "At most 200 cards at once. Print them in several goes.";
    CardListRepeats "card_list_repeats" Invalid "有人在名单里出现了两次。" "Somebody stands in the list twice.";
    RefreshInvalid "refresh_invalid" Unauthenticated "登录已过期，请重新登录。" "Your log-in has expired. Log in again.";

    // Helpers and consents
    HelpCodeInvalid "help_code_invalid" Invalid "姓名或帮手码不对，或者帮手码已经用过、过期了。请再核对一遍，或请对方重新开一个。" "The name or the helper code is wrong, or the code has been used or has run out. Check both, or ask for a new code.";
    HelpOneself "help_oneself" Invalid "这是您自己开的帮手码，请让帮您的人在他自己的账号里填。" "This is your own code. The person who helps you enters it in an account of their own.";
    HelpedTooMany "helped_too_many" Conflict "一位帮手最多帮 5 个人，现在已经满了。先结束一位，再来帮新的。" "A helper helps at most 5 people, and that many it is already. End one before you add another.";
    HelpersFull "helpers_full" Conflict "一个人最多有 5 位帮手，现在已经满了。请先取消一位。" "One person has at most 5 helpers, and that many it is already. End one first.";
    HelperUnknown "helper_unknown" Invalid "没有找到这位帮手：请核对学员号和姓名，帮手本人要先有能登录的账号。" "This helper was not found. Check learner number and name; a helper needs an account of their own.";
    ConsentNoted "consent_not_noted" Invalid "请当面征得居民同意，并勾选确认。" "Ask the resident in person, and confirm that they agree.";
    ConfirmationRequired "confirmation_required" Invalid "请先确认：退出登记以后不能恢复。" "Confirm first: leaving cannot be undone.";
    ConsentNecessary "consent_necessary" Conflict "这一项是登记学员必需的，不能单独撤回。不想再保留个人信息，可以退出登记，或者请社区学校办理。" "This consent is necessary for being registered and cannot be withdrawn alone. To have your details removed, leave, or ask your branch school to end your registration.";

    // Rosters
    RosterFileMissing "roster_file_missing" Malformed "请选择一个名册文件。" "Choose a roster file.";
    RosterTooLarge "roster_too_large" TooLarge "文件太大，名册最多 20 MB。" "The file is too large; a roster may have at most 20 MB.";
    RosterTooManyRows "roster_too_many_rows" TooLarge "名册行数太多，请分成几个文件导入。" "The roster has too many rows. Split it into several files.";
    RosterUnreadable "roster_unreadable" Invalid "这个文件读不出来。请用 Excel 另存为 xlsx 或 csv 后再上传。" "The file cannot be read. Save it from Excel as xlsx or csv and upload again.";
    RosterPasswordProtected "roster_password_protected" Invalid "这个文件设了密码。请在 Excel 里去掉密码后再上传。" "The file has a password. Remove it in Excel and upload again.";
    RosterNotARoster "roster_not_a_roster" Invalid "这个文件不像学员登记表：表头里要有“姓名”一列，还要有“出生日期”或“身份证号”一列。" "This does not look like a roster: its header needs a column of names, and one of birth dates or ID numbers.";
    RosterUnsupportedFormat "roster_unsupported_format" Unsupported "这种文件不能导入。请用 Excel 另存为 xlsx 或 csv 后再上传。" "This kind of file cannot be imported. Save it from Excel as xlsx or csv and upload that.";
    RosterZipBomb "roster_zip_bomb" TooLarge "文件解压后太大。请新建一个工作簿，只放学员登记表，另存为 xlsx 或 csv 后再上传。" "The file unpacks to far too much. Save only the roster as xlsx or csv and upload that.";
    RosterEmpty "roster_empty" Invalid "名册里没有学员。" "The roster has no rows.";
    RosterExpired "roster_expired" Conflict "这次导入已超过 24 小时，请重新上传。" "This import is older than 24 hours. Upload the file again.";
    RosterFailed "roster_failed" Conflict "这份名册没有读成，不能导入。请按说明改好文件，重新上传。" "This roster could not be read and cannot be imported. Put the file right and upload it again.";
    RosterReadingFailed "roster_reading_failed" Unavailable "名册没有读完，请重新上传。" "The roster could not be read to its end. Upload it again.";
    RosterNotReady "roster_not_ready" Conflict "名册还在读取中，请稍候。" "The roster is still being read. Wait a moment.";
    NameMissing "name_missing" Invalid "缺姓名。" "The name is missing.";
    BirthDateMissing "birth_date_missing" Invalid "缺出生日期，也没有身份证号。" "The date of birth is missing, and so is the ID number.";
    IdNumberInvalid "id_number_invalid" Invalid "身份证号不对，请核对。" "The ID number is wrong.";
    RegisteredOnInvalid "registered_on_invalid" Invalid "登记日期不对。" "The registration date is wrong.";
    RegisteredOnInFuture "registered_on_in_future" Invalid "登记日期在今天之后。" "The registration date is in the future.";
    Duplicate "duplicate" Invalid "与前面一行是同一个人。" "The same person as in a row above.";
    AlreadyRegistered "already_registered" Invalid "已经登记过。" "Registered already.";

    // Moves and merges
    SamePerson "same_person" Conflict "这两条记录已经是同一个人了。" "These records are one person already.";
    AlreadyThere "already_there" Invalid "这位学员现在就在这所分校。" "The person belongs to this branch already.";
    MovedBeforeRegistration "moved_before_registration" Invalid "转校日期不能早于登记日期。" "The move cannot be earlier than the registration.";
    MovedBeforeLastMove "moved_before_last_move" Invalid "转校日期不能早于上一次转校。" "The move cannot be earlier than the last one.";
    MonthClosed "month_closed" Invalid "这一天所在的月份，或之后的月份，已经月结，不能再改。请选一个还没有月结的日子。" "The month of this day, or a later one, is closed and cannot be changed. Choose a day since then.";

    // Courses and videos
    CourseNotReady "course_not_ready" Conflict "课程还不能发布：每一节视频课都要有处理好的视频。" "The course cannot be published yet: every video lesson needs a video that is ready.";
    CourseStepInvalid "course_step_invalid" Conflict "课程现在的状态不能做这一步。" "The course is not in a state for this step.";
    VideoTypeNotAllowed "video_type_not_allowed" Invalid "这个文件不是可用的视频。请上传 MP4、MOV、MKV、WebM、AVI 或 MPEG 视频文件。" "This file is not a video that can be used. Upload an MP4, MOV, MKV, WebM, AVI or MPEG video.";
    VideoTooLarge "video_too_large" TooLarge "视频文件太大，最多 4 GB。" "The video is too large; at most 4 GB.";
    VideoPartsInvalid "video_parts_invalid" Invalid "上传的分块不完整，请继续上传。" "The upload is not complete. Go on with it.";
    VideoStateInvalid "video_state_invalid" Conflict "视频现在的状态不能做这一步。" "The video is not in a state for this step.";
    VideoProcessingFailed "video_processing_failed" Invalid "视频处理失败，请检查文件后重新上传。" "The video could not be processed. Check the file and upload it again.";
    VideoEmpty "video_empty" Invalid "文件是空的，没有任何内容。请检查原文件后重新上传。" "The file is empty. Check the original and upload it again.";
    VideoTruncated "video_truncated" Invalid "视频不完整，后面一段缺失，可能是拷贝或上传中断。请用完整的原文件重新上传。" "The video is cut off: its end is missing. Upload the whole original again.";
    VideoUnreadable "video_unreadable" Invalid "视频已损坏或编码方式无法识别。请先在电脑上播放确认，再导出为 MP4（H.264）后上传。" "The video is damaged or in an unknown encoding. Export it as MP4 (H.264) and upload that.";
    VideoTooLong "video_too_long" Invalid "视频太长了，请剪成几节课分别上传。" "The video is too long. Cut it into several lessons.";
    VideoTooLargePicture "video_too_large_picture" Invalid "画面尺寸太大，请导出为 1080p 后再上传。" "The picture is too large. Export it as 1080p and upload that.";
    VideoWithoutPicture "video_without_picture" Invalid "文件里只有声音，没有画面。请上传带画面的视频文件。" "The file has sound but no picture. Upload a video with a picture.";
    VideoUploadExpired "video_upload_expired" Invalid "上传七天内没有完成，已经取消。请重新上传。" "The upload was not finished within seven days and was cancelled. Upload the file again.";
    VideoSizeInvalid "video_size_invalid" Invalid "文件大小不对，应大于零。" "The size is wrong: it must be above zero.";
    VideoSizeDiffers "video_size_differs" Invalid "传到的文件和原来说好的大小不一样，已经作废。请重新上传。" "What arrived is not of the size that was announced, and was thrown away. Upload the file again.";
    VideoOriginalLost "video_original_lost" Invalid "存储里找不到这个视频的原文件了。请重新上传；如有备份，请联系管理员恢复。" "The original of this video is no longer in the store. Upload it again, or ask an admin to restore a backup.";
    VideoInUse "video_in_use" Conflict "还有课时在用这个视频，不能删除。请先在课程里换掉它。" "A lesson still shows this video. Give the lesson another one first.";
    StorageQuotaExceeded "storage_quota_exceeded" Invalid "本校的存储空间不够放这个文件了。请先删除不用的视频，或请街道中心增加空间。" "Your branch's storage has no room for this file. Remove videos that are not used, or ask the street centre for more.";
    StorageQuotaInvalid "storage_quota_invalid" Invalid "存储空间应为 0 到 1 PiB 之间的整数（字节）。" "The quota must be a whole number of bytes from 0 to 1 PiB.";
    VideoUnknown "video_unknown" Invalid "没有这个视频，请从本校已上传的视频中选择。" "There is no such video. Choose one that your branch has uploaded.";
    CaptionInvalid "caption_invalid" Invalid "这不是字幕文件。请上传 SRT 或 WebVTT 字幕。" "These are no captions. Upload SRT or WebVTT.";
    CaptionTimesInvalid "caption_times_invalid" Invalid "这一条的时间不对：开始要早于结束，例如 00:01:02,500 --> 00:01:05,000。" "The times are wrong: the start comes before the end. Example: 00:01:02,500 --> 00:01:05,000.";
    CaptionTooLarge "caption_too_large" TooLarge "字幕太大，最多 1 MB。" "The captions are too large; at most 1 MB.";
    LanguageInvalid "language_invalid" Invalid "语言代码不对，例如 zh-CN。" "The language is wrong. Example: zh-CN.";
    CourseWithoutLessons "course_without_lessons" Conflict "课程里还没有课时，请先添加至少一课。" "The course has no lessons yet. Add at least one.";
    CourseLocked "course_locked" Conflict "课程已提交或已下架，不能修改。已提交的，可请街道中心退回。" "The course has been submitted or taken off and cannot be changed. If it was submitted, ask the street centre to send it back.";
    FileMissing "file_missing" Invalid "请选择文件。" "Choose a file.";
    FileTooLarge "file_too_large" TooLarge "文件太大：图片最多 5 MB，讲义最多 20 MB。" "The file is too large: pictures up to 5 MB, handouts up to 20 MB.";
    PictureTypeNotAllowed "picture_type_not_allowed" Invalid "这个文件不是可用的图片。请上传 JPG、PNG、WebP 或 GIF 图片。" "This file is not a picture that can be used. Upload a JPG, PNG, WebP or GIF.";
    HandoutTypeNotAllowed "handout_type_not_allowed" Invalid "这种文件不能作讲义。请上传 PDF、Word、Excel、PowerPoint 文件或图片。" "This type of file cannot be handed out. Upload a PDF, Word, Excel or PowerPoint file, or a picture.";
    TooMany "too_many" Invalid "太多了，请减少一些。" "Too many. Leave some out.";
    OptionsInvalid "options_invalid" Invalid "选项不对：要有 2 到 10 个，并标出正确的；单选和判断题只有一个正确。" "The options are wrong: 2 to 10, with the right ones marked; just one where one is to be chosen.";
    PrerequisiteInvalid "prerequisite_invalid" Invalid "先修课程不对：只能选已发布的其他课程，最多 5 门，也不能互为先修。" "These courses cannot come first: up to 5 other published ones, and not two that wait for each other.";
    LessonKindInvalid "lesson_kind_invalid" Invalid "每一课只能是视频、文章或测验中的一种。" "A lesson is a video, an article or a quiz, and only one of them.";
    LessonOrderInvalid "lesson_order_invalid" Invalid "课时有变化，请刷新后再排顺序。" "The lessons have changed. Load the page again, then put them in order.";
    CourseWithoutDraft "course_without_draft" Conflict "没有正在修改的新版本。" "There is no new version that is being worked on.";
    CreditsInvalid "credits_invalid" Invalid "学分不对：0 到 1000，最多两位小数，例如 2.00。" "The credits are wrong: 0 to 1000 with at most two decimals. Example: 2.00.";
    TextInvalid "text_invalid" Invalid "文字里有不能使用的字符，请删去后再试。" "The text contains characters that cannot be used. Remove them.";

    // Learning
    NotEnrolled "not_enrolled" Conflict "请先报名这门课程。" "Enrol in the course first.";
    ViewingUnknown "viewing_unknown" Invalid "播放记录已失效，请重新打开这一课。" "This viewing is not known. Open the lesson again.";
    RangesInvalid "ranges_invalid" Invalid "观看区间不对。" "The watched ranges are wrong.";
    PositionInvalid "position_invalid" Invalid "播放位置不对。" "The position is wrong.";
    PrerequisiteMissing "prerequisite_missing" Conflict "要先学完先修课程，才能报名这一门。" "Finish the courses that come first, then enrol in this one.";
    ReadTooFast "read_too_fast" Conflict "请再读一会儿，读完后再点“我读完了”。" "Read on a little, then say that you have finished.";
    AnswersInvalid "answers_invalid" Invalid "答案和题目对不上，请重新打开测验。" "The answers do not fit the questions. Open the quiz again.";
    CertificateRevoked "certificate_revoked" Conflict "这张证书已经作废了。" "This certificate has been revoked already.";
    CertificateCodeInvalid "certificate_code_invalid" Invalid "证书编号是 16 个字母和数字，印在证书下方。" "A certificate's number has 16 letters and digits; it stands at the bottom of it.";
    LessonNotReady "lesson_not_ready" Conflict "这一课的视频还在准备中。" "The video of this lesson is not ready yet.";

    // Questions and ratings
    QuestionsToday "questions_today" Invalid "今天已经问了 10 个问题，请明天再来问。" "You have asked 10 questions today. Ask again tomorrow.";
    OwnQuestion "own_question" Conflict "这是您自己问的，不用举报；不想要了，可以收回。" "This is your own question. Take it back if you do not want it any more.";
    QuestionAnswered "question_answered" Conflict "这个问题已经有人回答了，不能再收回。" "This question has been answered and cannot be taken back any more.";
    QuestionWithdrawn "question_withdrawn" Conflict "提问的人已经收回了这个问题。" "Whoever asked this has taken it back.";
    QuestionHidden "question_hidden" Conflict "这个问题已经隐藏。请先恢复显示，再置顶。" "This question is hidden. Show it again before you pin it.";
    AnswerChanged "answer_changed" Conflict "刚才有人写过或改过这个回答，您的还没有保存。请先看看新的回答，再决定要不要改。" "Somebody has just written or changed this answer; yours is not saved. Read theirs, then decide.";
    ReportsToday "reports_today" Invalid "今天已经举报了 10 次，请明天再来，或者直接告诉社区学校。" "You have reported 10 questions today. Come back tomorrow, or tell your branch school.";
    CourseNotFinished "course_not_finished" Conflict "学完这门课，再来评价。" "Finish the course first, then say what you think of it.";

    // Recognition
    OutcomeRetired "outcome_retired" Invalid "这类成果已经停止认定，请选别的。" "This is no longer recognised. Choose another.";
    RecognitionsOpen "recognitions_open" Invalid "还有 20 份申请没有办完，请等办完或者撤回一些再来。" "You have 20 of these under way. Wait for some to be settled, or take some back.";
    RecognitionPhotosMissing "recognition_photos_missing" Invalid "请先加上照片，再提交。" "Add a photo before you hand it in.";
    RecognitionPhotosFull "recognition_photos_full" Invalid "一份申请最多 6 张照片。" "At most 6 photos each.";
    RecognitionElsewhere "recognition_elsewhere" Conflict "这份申请已经到了下一步，请刷新页面看看。" "This has moved on since. Load the page again.";
    RecognitionRepeated "recognition_repeated" Conflict "同一天的这份成果已经提交过了，不用再交。要改的话，请先撤回那一份。" "This has been handed in already, with the same name and day. To change it, take that one back first.";
    CheckedByOneself "checked_by_oneself" Conflict "这份申请是您核对的，请由另一位管理员批准。" "You have checked this yourself. Another admin has to approve it.";

    // Credits
    CardUnknown "card_unknown" Invalid "没有这张学员卡，或者已经作废。" "There is no such learner card, or it is void.";
    RuleOfCatalogue "rule_of_catalogue" Invalid "这条规则由成果目录决定，请到“成果认定”里改。" "This rule follows the catalogue of outcomes. Change it there, under Recognition.";
    AwardRowsRefused "award_rows_refused" Invalid "名单中有些行不能授予，一行也没有写入。请按说明改正。" "Some rows of the list cannot be awarded; nothing was written. Correct them.";
    AwardListEmpty "award_list_empty" Invalid "名单是空的。" "The list is empty.";
    HonoursChanged "honours_changed" Conflict "排出来以后，有人的学分或学时变了。请看看新的名单，再定稿。" "Somebody's credits or hours have changed since this was drawn up. Look at the new list before you freeze it.";
    OwnProposal "own_proposal" Conflict "这份名单是您自己提交的，请由另一位管理员批准。" "You have proposed this yourself. Another admin has to approve it.";
    ProposalDecided "proposal_decided" Conflict "这份名单已经处理过了，请刷新页面看看。" "This has been decided. Load the page again.";
    AwardFileTypeNotAllowed "award_file_type_not_allowed" Invalid "请上传照片（JPG、PNG、WebP）、PDF、Word 或 Excel 文件。" "Upload a photo (JPG, PNG, WebP), or a PDF, Word or Excel file.";
    AwardSheetUnreadable "award_sheet_unreadable" Invalid "没有在表里找到“姓名”和“电话”两列。" "No columns with names and telephones were found in the sheet.";
    AwardListTooLong "award_list_too_long" Invalid "名单最多 10,000 人。" "The list may have at most 10,000 people.";
    AlreadyReversed "already_reversed" Conflict "这笔流水已经冲正过。" "This has been reversed already.";
    RewardGone "reward_gone" Conflict "这样奖品已经换完了，看看别的吧。" "None of these are left. Have a look at the others.";
    RewardLimitReached "reward_limit_reached" Conflict "这样奖品您已经换到上限了。" "You have as many of these as one person may have.";
    PointsInsufficient "points_insufficient" Conflict "积分不够，再学几课就能换了。" "You do not have enough points yet. A few more lessons and you will.";
    RedemptionNotHandedOver "redemption_not_handed_over" Conflict "这件奖品没有发出去，不用收回。" "This has not been handed over, so there is nothing to take back.";
    RedemptionSettled "redemption_settled" Conflict "这次兑换已经领取或取消了。" "This has been handed over or cancelled already.";
    HandOverCodeWrong "hand_over_code_wrong" Invalid "领取码不对，请看一下学员手机上的六位数字。" "This is not the code. Look at the six digits on the learner's phone.";
    HandOverCardWrong "hand_over_card_wrong" Invalid "这张学员卡不是兑换人的，或者已经作废。" "This is not the card of the person who chose it, or it is void.";
    CannotReverseSpending "cannot_reverse_spending" Conflict "兑换和到期的积分不能在这里冲正，请到“积分兑换”里办理。" "What was spent or has expired is not reversed here. See to it under Rewards.";
    CannotReverseReversal "cannot_reverse_reversal" Conflict "冲正本身不能再冲正。" "A reversal cannot itself be reversed.";
    ReasonRequired "reason_required" Invalid "请写明原因。" "Give a reason.";

    // What is out of the ordinary
    NoteRequired "note_required" Invalid "请写明查到的情况。" "Write what came of it.";
    AnomalySettled "anomaly_settled" Conflict "这一条已经有人办结了，请刷新页面看看。" "This has been settled already. Load the page again.";
    AnomalyFoundAgain "anomaly_found_again" Conflict "后来又查到了新的情况，另有一条还没有办结，请看那一条。" "More of the same was found since and is open. Look at that.";
    OwnAnomaly "own_anomaly" Conflict "这是您自己发的，请由另一位管理员办结。" "You have awarded this yourself. Another admin has to settle it.";

    // Months
    DossierNotReady "dossier_not_ready" Conflict "这份台账现在不能下载：还在整理，或者已经过期，请重新生成。" "This dossier cannot be taken away now: it is being made, or its days are over. Have it made again.";
    MonthNotClosed "month_not_closed" Conflict "这个月还没有月结，没有邮件可以再发。" "This month is not closed yet: there are no mails to send again.";
    MonthNotOver "month_not_over" Conflict "这个月还没有结束，不能月结。" "This month is not over yet.";
    EarlierMonthOpen "earlier_month_open" Conflict "更早的月份还没有月结，请先结更早的月份。" "An earlier month is still open. Close that first.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_speak_both_languages() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code:?} repeats a code");
            assert!(!code.detail(Language::Chinese).is_ascii(), "{code:?}");
            assert!(code.detail(Language::English).is_ascii(), "{code:?}");
            assert_eq!(Code::from_code(code.as_str()), Some(*code));
        }
    }
}
