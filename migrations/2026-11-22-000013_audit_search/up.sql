-- The audit is read newest first: all of it, of one account, of one branch, under one request.
DROP INDEX audit_entries_at;
CREATE INDEX audit_entries_at ON audit_entries (at DESC, id DESC);
CREATE INDEX audit_entries_account ON audit_entries (account_id, at DESC, id DESC);
CREATE INDEX audit_entries_branch ON audit_entries (branch_id, at DESC, id DESC);
CREATE INDEX audit_entries_request ON audit_entries (request_id) WHERE request_id IS NOT NULL;
