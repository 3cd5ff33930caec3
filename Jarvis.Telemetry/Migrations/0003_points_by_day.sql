-- Points lie in partitions by time: old ones go with their table instead of row by row, and what is read of a range is the range's. The name is a new one, so that a
-- process of the release before is refused: its statements for pruning would take other rows than they mean, once there are partitions.
ALTER TABLE telemetry.metric_point RENAME TO point_before;
ALTER TABLE telemetry.point_before DROP CONSTRAINT metric_point_metric_id_fkey;
DROP INDEX telemetry.metric_point_by_age;

CREATE TABLE telemetry.point (
    metric_id integer NOT NULL,
    at        timestamptz NOT NULL,
    value     double precision NOT NULL,
    tags      jsonb
) PARTITION BY RANGE (at);

-- What is there becomes the first partition, all of it at once and without being written again: it goes when its newest point is old enough.
DO $$
DECLARE
    newest timestamptz := (SELECT max(at) FROM telemetry.point_before);
BEGIN
    IF newest IS NULL THEN
        DROP TABLE telemetry.point_before;
    ELSE
        EXECUTE format('ALTER TABLE telemetry.point ATTACH PARTITION telemetry.point_before FOR VALUES FROM (MINVALUE) TO (%L)',
            date_trunc('day', greatest(newest, now()), 'UTC') + interval '24 hours');
    END IF;
END $$;

-- A count of points made each write of a metric wait for the one before. When it was first and last seen is read from its points.
ALTER TABLE telemetry.metric DROP COLUMN points, DROP COLUMN last_seen_at;
ALTER TABLE telemetry.metric RENAME COLUMN first_seen_at TO created_at;
ALTER TABLE telemetry.metric ALTER COLUMN created_at SET DEFAULT now();

-- What each account stored on a day (UTC), against its bounds.
CREATE TABLE telemetry.account_use (
    account_id uuid NOT NULL,
    day        date NOT NULL,
    kind       text NOT NULL,
    used       bigint NOT NULL,
    PRIMARY KEY (account_id, day, kind)
);
