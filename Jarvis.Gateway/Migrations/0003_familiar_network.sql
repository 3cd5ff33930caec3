-- From which networks an account signed in lately: there strangers' failed attempts do not make it wait. Only a hash of both.
CREATE TABLE identity.familiar_network (
    key     bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    seen_at timestamptz NOT NULL
);

CREATE INDEX familiar_network_seen ON identity.familiar_network (seen_at);
