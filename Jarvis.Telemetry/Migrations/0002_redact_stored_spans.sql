-- Spans that were stored before addresses were redacted may hold secrets: tokens of links, tickets, keys. They are gone through in the background, newest first and in small
-- steps, since there may be far too many for one transaction. The row says how far that is; when all are done it goes.
CREATE TABLE telemetry.span_redaction (
    id              boolean PRIMARY KEY DEFAULT true CHECK (id),
    start_unix_nano bigint NOT NULL,
    trace_id        bytea NOT NULL,
    span_id         bytea NOT NULL
);
INSERT INTO telemetry.span_redaction (start_unix_nano, trace_id, span_id) VALUES (9223372036854775807, ''::bytea, ''::bytea);
