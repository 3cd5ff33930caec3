-- Times are the gateway's (TimeProvider), which are those of the tokens it issues. Secrets are kept as SHA-256 of their text, never as they are.

CREATE TABLE identity.account (
    id                   uuid PRIMARY KEY,
    email                text NOT NULL CHECK (length(email) <= 254),
    normalized_email     text NOT NULL UNIQUE,
    user_name            text NOT NULL,
    normalized_user_name text NOT NULL UNIQUE,
    name                 text CHECK (length(name) <= 100),
    -- Set once the owner of the address has shown to be it; until then nobody signs in.
    email_confirmed      boolean NOT NULL,
    password_hash        text NOT NULL,
    -- Changes with the password.
    security_stamp       text NOT NULL,
    concurrency_stamp    text NOT NULL,
    role                 text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    disabled_at          timestamptz,
    created_at           timestamptz NOT NULL,
    last_sign_in_at      timestamptz
);

CREATE INDEX account_created ON identity.account (created_at, id);
CREATE INDEX account_admins ON identity.account (id) WHERE role = 'admin' AND disabled_at IS NULL;

-- A sign-in: a family of refresh tokens, or a browser's cookie.
CREATE TABLE identity.session (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES identity.account ON DELETE CASCADE,
    kind           text NOT NULL CHECK (kind IN ('token', 'cookie')),
    cookie_hash    bytea UNIQUE CHECK (octet_length(cookie_hash) = 32),
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    -- Moves on with use, up to max_expires_at.
    expires_at     timestamptz NOT NULL,
    max_expires_at timestamptz NOT NULL,
    revoked_at     timestamptz,
    revoked_reason text,
    address        text,
    user_agent     text,
    CHECK ((kind = 'cookie') = (cookie_hash IS NOT NULL))
);

CREATE INDEX session_of_account ON identity.session (account_id, created_at DESC) WHERE revoked_at IS NULL;
CREATE INDEX session_expired ON identity.session (expires_at);

CREATE TABLE identity.refresh_token (
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id uuid NOT NULL REFERENCES identity.session ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at   timestamptz
);

CREATE INDEX refresh_token_of_session ON identity.refresh_token (session_id);
CREATE INDEX refresh_token_expired ON identity.refresh_token (expires_at);

CREATE TABLE identity.api_key (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES identity.account ON DELETE CASCADE,
    name         text NOT NULL CHECK (length(name) <= 100),
    prefix       text NOT NULL,
    hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

CREATE INDEX api_key_of_account ON identity.api_key (account_id, created_at) WHERE revoked_at IS NULL;

-- What has ended, for replicas and services to learn of: written in the transaction that ends it. No foreign keys, since rows outlive what they speak of.
CREATE TABLE identity.revocation (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid,
    -- Of a session or an API key.
    session_id uuid,
    at         timestamptz NOT NULL,
    CHECK (account_id IS NOT NULL OR session_id IS NOT NULL)
);

CREATE INDEX revocation_at ON identity.revocation (at);

CREATE TABLE identity.signing_key (
    kid          text PRIMARY KEY,
    public_jwk   jsonb NOT NULL,
    -- Encrypted.
    private_key  bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    activates_at timestamptz NOT NULL,
    retires_at   timestamptz NOT NULL
);

CREATE TABLE identity.ws_ticket (
    hash              bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    account_id        uuid NOT NULL REFERENCES identity.account ON DELETE CASCADE,
    -- Of a session or an API key.
    session_id        uuid NOT NULL,
    caller_kind       text NOT NULL CHECK (caller_kind IN ('user', 'api_key')),
    -- Until when the caller that asked for it is known.
    caller_expires_at timestamptz NOT NULL,
    origin            text,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL
);

CREATE INDEX ws_ticket_expired ON identity.ws_ticket (expires_at);

CREATE TABLE identity.invitation (
    id          uuid PRIMARY KEY,
    hash        bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    -- Null: for whoever has it.
    email       text,
    role        text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    created_by  uuid,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz
);

CREATE INDEX invitation_open ON identity.invitation (created_at, id) WHERE accepted_at IS NULL;

-- Links that go out by e-mail, each good once: to set a new password, or to confirm an address.
CREATE TABLE identity.email_link (
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    account_id uuid NOT NULL REFERENCES identity.account ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('password_reset', 'confirm_email')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX email_link_of_account ON identity.email_link (account_id, purpose);
CREATE INDEX email_link_expired ON identity.email_link (expires_at);

-- E-mails that are asked for, whether or not an account has the address: who reads it, finds out after the answer has gone. Holds no link.
CREATE TABLE identity.outbox (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('password_reset', 'registered', 'invitation')),
    email           text NOT NULL,
    -- Of an invitation.
    subject_id      uuid,
    created_at      timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0
);

CREATE INDEX outbox_due ON identity.outbox (next_attempt_at, id);

-- Attempts that were refused (or are being looked at), by a hash of the e-mail address, whether or not an account has it, and by network address.
CREATE TABLE identity.throttle (
    key           bytea PRIMARY KEY,
    -- The attempt that was last counted; one that came while blocked is not.
    claim         uuid NOT NULL,
    failures      integer NOT NULL,
    blocked_until timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

CREATE INDEX throttle_updated ON identity.throttle (updated_at);

CREATE TABLE identity.audit (
    id             uuid PRIMARY KEY,
    at             timestamptz NOT NULL,
    action         text NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('success', 'refused', 'failed')),
    account_id     uuid,
    -- Who it claims to be, where no account is known.
    subject        text,
    target         text,
    detail         text,
    address        text,
    user_agent     text,
    correlation_id text
);

CREATE INDEX audit_at ON identity.audit (at DESC, id DESC);
CREATE INDEX audit_of_account ON identity.audit (account_id, at DESC, id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX audit_action ON identity.audit (action, at DESC, id DESC);

CREATE FUNCTION identity.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only retention deletes, and says so within its transaction.
    IF TG_OP = 'DELETE' AND current_setting('jarvis.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON identity.audit FOR EACH ROW EXECUTE FUNCTION identity.audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON identity.audit FOR EACH STATEMENT EXECUTE FUNCTION identity.audit_is_append_only();
