-- Spans as they came in. Times are Unix nanoseconds, as OTLP has them; started_at is the same in microseconds, for people and joins.
CREATE TABLE telemetry.span (
    trace_id        bytea NOT NULL CHECK (octet_length(trace_id) = 16),
    span_id         bytea NOT NULL CHECK (octet_length(span_id) = 8),
    parent_span_id  bytea,
    service         text NOT NULL,
    instance_id     text,
    scope           text,
    name            text NOT NULL,
    kind            smallint NOT NULL,
    started_at      timestamptz NOT NULL,
    start_unix_nano bigint NOT NULL,
    duration_ns     bigint NOT NULL,
    status          smallint NOT NULL,
    status_message  text,
    correlation_id  text,
    attributes      jsonb,
    events          jsonb,
    links           jsonb,
    -- A repeated export finds its spans here and adds nothing.
    PRIMARY KEY (trace_id, span_id)
);
CREATE INDEX span_by_correlation ON telemetry.span (correlation_id, trace_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX span_by_start ON telemetry.span (start_unix_nano);

-- One row a trace, kept in the transaction that adds its spans, so that a list reads a page of rows and not a day of spans.
CREATE TABLE telemetry.trace (
    trace_id        bytea PRIMARY KEY,
    start_unix_nano bigint NOT NULL,
    end_unix_nano   bigint NOT NULL,
    span_count      bigint NOT NULL,
    error_count     bigint NOT NULL,
    services        text[] NOT NULL,
    correlation_id  text,
    -- The span without a parent; until it comes (or when it is somebody else's) the earliest one.
    root_name       text NOT NULL,
    root_service    text NOT NULL,
    root_start      bigint NOT NULL,
    root_is_top     boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX trace_by_start ON telemetry.trace (start_unix_nano DESC, trace_id DESC);

CREATE TABLE telemetry.metric (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    points        bigint NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE telemetry.metric_point (
    metric_id integer NOT NULL REFERENCES telemetry.metric,
    at        timestamptz NOT NULL,
    value     double precision NOT NULL,
    tags      jsonb
);
CREATE INDEX metric_point_by_time ON telemetry.metric_point (metric_id, at);
CREATE INDEX metric_point_by_age ON telemetry.metric_point USING brin (at) WITH (autosummarize = on);

-- Which replica samples a host: the one whose lease has not run out.
CREATE TABLE telemetry.host_sampler (
    host        text PRIMARY KEY,
    holder      uuid NOT NULL,
    lease_until timestamptz NOT NULL
);
