-- One row that every write of agents increments and so locks until it commits: changes become visible in the order of their numbers,
-- and a replica that has seen number n misses nothing when it asks for what is above n.
CREATE TABLE catalog.agent_clock (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    value bigint NOT NULL
);
INSERT INTO catalog.agent_clock (value) VALUES (0);

CREATE TABLE catalog.agent (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(name) <= 64),
    version       integer NOT NULL,
    -- json, not jsonb: every replica must export the same text as the one that took the request.
    fields        json NOT NULL,
    system_prompt text NOT NULL CHECK (octet_length(system_prompt) <= 262144),
    size_bytes    integer NOT NULL,
    change        bigint NOT NULL,
    created_by    text,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    -- Kept for a while so that replicas learn of it and a name that comes again goes on counting its versions.
    deleted_at    timestamptz
);

CREATE UNIQUE INDEX agent_live_name ON catalog.agent (name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX agent_change ON catalog.agent (change);
CREATE INDEX agent_deleted ON catalog.agent (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE catalog.agent_version (
    agent_id       uuid NOT NULL REFERENCES catalog.agent ON DELETE CASCADE,
    version        integer NOT NULL,
    fields         json NOT NULL,
    system_prompt  text NOT NULL,
    at             timestamptz NOT NULL,
    correlation_id text,
    PRIMARY KEY (agent_id, version)
);
