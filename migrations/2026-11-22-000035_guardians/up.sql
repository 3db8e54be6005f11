-- Children under 14 come on record with a guardian, who agrees to a text of its own: purpose,
-- extent, place and time of keeping, protection, what follows from a refusal, and whom to turn to.
ALTER TABLE consent_texts DROP CONSTRAINT consent_texts_purpose_check;
ALTER TABLE consent_texts ADD CONSTRAINT consent_texts_purpose_check CHECK (purpose IN
    ('registration', 'activity_photographs', 'telephone_messages', 'district_figures', 'guardian_registration'));
INSERT INTO consent_texts (version, purpose, valid_from, title_zh, body_zh, title_en, body_en) VALUES
    ('guardian_registration-2026-11', 'guardian_registration', '2026-01-01T00:00:00+08:00',
    '儿童个人信息监护人同意书（未满 14 周岁）',
    '我们登记孩子的姓名、出生日期、所属人群和联系电话，以及您作为监护人的姓名、电话和与孩子的关系，只用来让孩子参加社区学习、记录学习和学分，不做广告，不提供给别人。信息保存在本街道社区教育中心，电话和监护人信息加密存放，只有办理业务的工作人员能看到，看完整号码要写明理由并留下记录。孩子退出登记时信息就删除，只留下不含姓名的学习数字。您可以不同意：不登记，孩子照样可以到现场听课，只是不能记学分。同意以后，您随时可以到社区学校要求查看、更正、删除，或者撤回同意；有意见可以向社区学校或街道社区教育中心提出，由专人处理。',
    'A guardian''s consent for a child under 14',
    'We keep the child''s name, date of birth, groups and telephone, and your name, telephone and relation to the child as guardian, only so that the child can take part and have learning and credits recorded. Nothing is used for advertising or given to anyone else. It is kept at this street''s community education centre; telephones and the guardian''s details are encrypted, are seen only by staff who need them, and whoever looks at a number in full must give a reason, which is recorded. When the child leaves, all of it is deleted but figures without a name. You may refuse: the child may still attend in person, without credits. Once you have agreed you may at any time ask the branch school to show, correct or delete these details, or withdraw your consent; complaints go to the branch school or the street centre, where a named person deals with them.');

-- Sealed with the child's own key: when that goes, so does this.
CREATE TABLE guardians (
    resident_id uuid PRIMARY KEY REFERENCES residents,
    relation text NOT NULL CHECK (relation IN ('parent', 'grandparent', 'other')),
    name_sealed bytea NOT NULL,
    phone_sealed bytea NOT NULL,
    recorded_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON guardians TO changqing_app;
