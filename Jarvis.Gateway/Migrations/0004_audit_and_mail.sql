-- How often a refusal came (repeats of a minute are one entry), and what the request was signed in by.
ALTER TABLE identity.audit
    ADD COLUMN count integer NOT NULL DEFAULT 1,
    -- token, cookie or api_key; null where nobody was signed in.
    ADD COLUMN credential text,
    -- Of the session or the API key.
    ADD COLUMN credential_id uuid;

-- When a recipient last got an e-mail, and which one: a hash of the address.
CREATE TABLE identity.mail_recipient (
    key     bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    mail_id uuid NOT NULL,
    sent_at timestamptz NOT NULL
);

CREATE INDEX mail_recipient_sent ON identity.mail_recipient (sent_at);

-- Whether the same e-mail waits already.
CREATE INDEX outbox_recipient ON identity.outbox (upper(email), kind);
