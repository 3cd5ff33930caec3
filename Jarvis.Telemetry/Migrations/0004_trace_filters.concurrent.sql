-- Each filter of the list of traces, so that a rare service, name, length or failure is found without walking through all the traces there are.
CREATE INDEX CONCURRENTLY IF NOT EXISTS trace_by_service ON telemetry.trace USING gin (services);
CREATE INDEX CONCURRENTLY IF NOT EXISTS trace_by_root ON telemetry.trace (root_name, start_unix_nano DESC, trace_id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS trace_by_duration ON telemetry.trace ((end_unix_nano - start_unix_nano));
CREATE INDEX CONCURRENTLY IF NOT EXISTS trace_failed ON telemetry.trace (start_unix_nano DESC, trace_id DESC) WHERE error_count > 0;
-- The first spans of a large trace.
CREATE INDEX CONCURRENTLY IF NOT EXISTS span_in_trace ON telemetry.span (trace_id, start_unix_nano, span_id);
