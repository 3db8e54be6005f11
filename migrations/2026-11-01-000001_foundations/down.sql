DROP TABLE job_schedules, jobs, idempotency_keys, audit_entries, target_groups, topics, branches, deployment;
DROP FUNCTION refuse_change;
-- The roles stay: they belong to the cluster, and another database may use them.
REVOKE USAGE ON SCHEMA public FROM changqing_app, changqing_ledger;
