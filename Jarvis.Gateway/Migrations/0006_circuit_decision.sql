-- What an operator decided last about each circuit of all services. Redis only carries it; a circuit that was reset keeps its row, so that a copy
-- that lost it ends nothing and one that is older than it is known to be.
CREATE TABLE identity.circuit_decision (
    circuit    text PRIMARY KEY,          -- service/name
    isolated   boolean NOT NULL,
    reason     text,
    decided_at timestamptz NOT NULL,
    revision   bigint NOT NULL
);
