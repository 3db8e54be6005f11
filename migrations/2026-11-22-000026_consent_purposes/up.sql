-- A consent is for one purpose. Versions stay unique over all purposes, so that one names its text.
ALTER TABLE consent_texts ADD COLUMN purpose text NOT NULL DEFAULT 'registration'
    CHECK (purpose IN ('registration', 'activity_photographs', 'telephone_messages', 'district_figures'));
CREATE INDEX consent_texts_purpose ON consent_texts (purpose, valid_from DESC);
INSERT INTO consent_texts (version, purpose, valid_from, title_zh, body_zh, title_en, body_en) VALUES
    ('activity_photographs-2026-11', 'activity_photographs', '2026-01-01T00:00:00+08:00',
    '活动照片',
    '在讲座和活动中拍的照片里有您时，社区可以把照片贴在宣传栏、发在社区的公众号上。不同意也照样参加活动；撤回以后不再使用新的照片。',
    'Photographs at activities',
    'Photographs taken at lectures and activities on which you can be seen may be shown on the notice board and in the community''s channel. You may take part without agreeing; once withdrawn, no new photographs are used.'),
    ('telephone_messages-2026-11', 'telephone_messages', '2026-01-01T00:00:00+08:00',
    '电话和短信提醒',
    '开课、活动和积分快到期时，社区可以打电话或发短信提醒您。只说学习的事，不推销。您随时可以说不要了。',
    'Reminders by telephone',
    'The community may call or text you about courses, activities and points that are about to run out. It is about learning only and never sells anything. You may stop it at any time.'),
    ('district_figures-2026-11', 'district_figures', '2026-01-01T00:00:00+08:00',
    '向区里报送学习情况',
    '社区可以把您的姓名和学习情况（学了哪些课、得了多少学分）报给区社区教育部门，用于评优和表彰。不同意时，区里只看得到没有姓名的总数。',
    'Reporting your learning to the district',
    'The community may report your name and learning (courses taken, credits earned) to the district''s education office for honours and awards. Without your agreement the district sees totals only, without names.');

-- Given, withdrawn, given again: each giving is a row of its own, and stays.
ALTER TABLE consents ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE consents ADD COLUMN account_id uuid REFERENCES accounts;
ALTER TABLE consents DROP CONSTRAINT consents_pkey;
ALTER TABLE consents ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX consents_standing ON consents (resident_id, version) WHERE withdrawn_at IS NULL;
CREATE INDEX consents_resident ON consents (resident_id, given_at);
