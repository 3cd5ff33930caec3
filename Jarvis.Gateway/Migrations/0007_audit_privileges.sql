-- The gateway works as a role that owns nothing (docs/adr/0021-database-roles.md): of the audit log it may read and add, no more.
-- Retention is the owner's, through a function that keeps the last 30 days whoever calls it. A database without these roles keeps
-- what it had.

CREATE FUNCTION identity.prune_audit(age interval, batch integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pruned integer;
BEGIN
    IF age IS NULL OR now() - age > now() - interval '30 days' THEN
        RAISE EXCEPTION 'The audit log keeps at least 30 days.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('jarvis.audit_retention', 'on', true);
    DELETE FROM identity.audit WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM identity.audit WHERE at < now() - age LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS pruned = ROW_COUNT;
    PERFORM set_config('jarvis.audit_retention', '', true);
    RETURN pruned;
END $$;

REVOKE ALL ON FUNCTION identity.prune_audit(interval, integer) FROM PUBLIC;

DO $$
BEGIN
    IF to_regrole('jarvis_identity') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION identity.prune_audit(interval, integer) TO jarvis_identity;
        REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON identity.audit FROM jarvis_identity;
        REVOKE INSERT, UPDATE, DELETE ON identity.migration FROM jarvis_identity;
    END IF;
END $$;
