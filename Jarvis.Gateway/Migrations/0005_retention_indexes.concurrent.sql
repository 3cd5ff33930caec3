-- What retention looks for, so that it reads no more than it deletes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS session_revoked ON identity.session (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS refresh_token_spent ON identity.refresh_token (spent_at) WHERE spent_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS api_key_expired ON identity.api_key (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS api_key_revoked ON identity.api_key (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS api_key_ended_of_account ON identity.api_key (account_id, revoked_at DESC, id DESC) WHERE revoked_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS invitation_expired ON identity.invitation (expires_at);
-- The few entries of the audit log that did not succeed.
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_not_success ON identity.audit (outcome, at DESC, id DESC) WHERE outcome <> 'success';
