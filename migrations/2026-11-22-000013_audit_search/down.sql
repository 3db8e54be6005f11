DROP INDEX audit_entries_request;
DROP INDEX audit_entries_branch;
DROP INDEX audit_entries_account;
DROP INDEX audit_entries_at;
CREATE INDEX audit_entries_at ON audit_entries (at);
