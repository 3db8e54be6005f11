-- For how many days it is shown in public is fixed when it is filed, as its worth and its rule are.
ALTER TABLE recognitions ADD COLUMN notice_days smallint CHECK (notice_days BETWEEN 0 AND 60);
UPDATE recognitions SET notice_days = outcome.notice_days FROM recognised_outcomes AS outcome
    WHERE outcome.id = recognitions.outcome_id AND recognitions.rule_id IS NOT NULL;
