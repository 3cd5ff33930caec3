-- Times are the server's (now(), clock_timestamp()): leases of many replicas hang on one clock.
CREATE TABLE workflows.task (
    id               uuid PRIMARY KEY,
    kind             text NOT NULL,
    status           text NOT NULL DEFAULT 'queued'
                     CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'unknown', 'cancelled')),
    workflow_id      text,
    workflow_name    text,
    webhook_method   text NOT NULL,
    webhook_path     text NOT NULL,
    -- json, not jsonb: what is sent on is what came in, to the byte (numbers, key order, \u0000).
    payload          json NOT NULL CHECK (octet_length(payload::text) <= 262144),
    idempotency_key  text,
    request_hash     bytea NOT NULL,
    correlation_id   text NOT NULL,
    traceparent      text,
    available_at     timestamptz NOT NULL DEFAULT now(),
    -- Requests that were begun; a claim that the circuit turned away has none.
    attempt          integer NOT NULL DEFAULT 0,
    -- Fencing token: counts claims, and a result is written only under the newest.
    fence            bigint NOT NULL DEFAULT 0,
    lease_until      timestamptz,
    lost_leases      integer NOT NULL DEFAULT 0,
    -- Set while a request may be out whose outcome is not recorded yet.
    sent_at          timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    error_code       text,
    error            text,
    result           json,
    -- About the result: http_status, format, started, note.
    answer           json,
    result_truncated boolean NOT NULL DEFAULT false,
    n8n_execution_id text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX task_claim ON workflows.task (available_at, id) WHERE status = 'queued';
CREATE INDEX task_lease ON workflows.task (lease_until) WHERE status = 'running';
CREATE INDEX task_active ON workflows.task (created_at, id) WHERE status IN ('queued', 'running');
CREATE INDEX task_recent ON workflows.task (created_at DESC, id DESC);
CREATE INDEX task_recent_by_status ON workflows.task (status, created_at DESC, id DESC);
CREATE UNIQUE INDEX task_idempotency ON workflows.task (kind, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE workflows.task_event (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES workflows.task ON DELETE CASCADE,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    event   text NOT NULL,
    attempt integer NOT NULL,
    detail  text
);

CREATE INDEX task_event_of_task ON workflows.task_event (task_id, id);
