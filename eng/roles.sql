-- The roles that the services of Jarvis sign in as, each with its own schema and no other (docs/adr/0021-database-roles.md).
--
-- The AppHost runs this at each start on servers that it starts itself. On a server of your own run it in the database of Jarvis, as
-- a superuser, before an update of Jarvis too; it may be run as often as you like, and what earlier releases made as another role
-- changes its owner. Then give each role a password (\password jarvis_catalog, …) and the AppHost its connection strings
-- (docs/configuration.md). The database should be Jarvis' alone: PUBLIC may not connect.

DO $roles$
DECLARE
    role   text;
    place  record;
    change text;
BEGIN
    -- Whoever does the same at this moment comes after us.
    PERFORM pg_advisory_xact_lock(hashtextextended('jarvis.roles', 0));

    FOREACH role IN ARRAY ARRAY['jarvis_identity_owner', 'jarvis_identity', 'jarvis_catalog', 'jarvis_workflows', 'jarvis_telemetry'] LOOP
        IF to_regrole(role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = role
            AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR NOT rolcanlogin)) THEN
            EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
        END IF;
    END LOOP;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT, TEMPORARY ON DATABASE %I TO jarvis_identity_owner, jarvis_identity, jarvis_catalog, jarvis_workflows, jarvis_telemetry',
        current_database());
    EXECUTE 'REVOKE CREATE ON SCHEMA public FROM PUBLIC';

    -- Migrations may ask for these, and their roles may not install them.
    FOR change IN
        SELECT format('CREATE EXTENSION %I', name) FROM pg_available_extensions
        WHERE name IN ('pg_trgm', 'vector') AND installed_version IS NULL
    LOOP
        BEGIN
            EXECUTE change;
        EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
            RAISE NOTICE '%: %', change, SQLERRM;
        END;
    END LOOP;

    FOR place IN SELECT * FROM (VALUES
        ('identity', 'jarvis_identity_owner'), ('catalog', 'jarvis_catalog'), ('workflows', 'jarvis_workflows'),
        ('telemetry', 'jarvis_telemetry')) AS v (schema, owner)
    LOOP
        IF to_regnamespace(place.schema) IS NULL THEN
            EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', place.schema, place.owner);
        ELSE
            EXECUTE format('ALTER SCHEMA %I OWNER TO %I', place.schema, place.owner);
        END IF;
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', place.schema);

        -- Indexes, and sequences of columns, change with their table.
        FOR change IN
            SELECT format('ALTER %s %I.%I OWNER TO %I',
                CASE relkind
                    WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE'
                END,
                place.schema, relname, place.owner)
            FROM pg_class AS c
            WHERE relnamespace = to_regnamespace(place.schema) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                AND relowner <> to_regrole(place.owner)
                AND NOT (relkind = 'S' AND EXISTS (
                    SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i')))
            UNION ALL
            SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, place.owner)
            FROM pg_proc WHERE pronamespace = to_regnamespace(place.schema) AND proowner <> to_regrole(place.owner)
            UNION ALL
            SELECT format('ALTER TYPE %s OWNER TO %I', oid::regtype, place.owner)
            FROM pg_type AS t WHERE typnamespace = to_regnamespace(place.schema) AND typowner <> to_regrole(place.owner)
                AND (typtype IN ('e', 'd', 'r')
                    OR (typtype = 'c' AND EXISTS (SELECT FROM pg_class WHERE oid = t.typrelid AND relkind = 'c')))
        LOOP
            EXECUTE change;
        END LOOP;
    END LOOP;

    -- The gateway at work owns nothing: an owner could drop a trigger, and the owner of a schema any table in it.
    EXECUTE 'GRANT USAGE ON SCHEMA identity TO jarvis_identity';
    EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA identity TO jarvis_identity';
    EXECUTE 'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA identity TO jarvis_identity';
    EXECUTE 'ALTER DEFAULT PRIVILEGES FOR ROLE jarvis_identity_owner IN SCHEMA identity
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO jarvis_identity';
    EXECUTE 'ALTER DEFAULT PRIVILEGES FOR ROLE jarvis_identity_owner IN SCHEMA identity
        GRANT USAGE, SELECT ON SEQUENCES TO jarvis_identity';
    IF to_regclass('identity.audit') IS NOT NULL THEN
        EXECUTE 'REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON identity.audit FROM jarvis_identity';
    END IF;
    IF to_regclass('identity.migration') IS NOT NULL THEN
        EXECUTE 'REVOKE INSERT, UPDATE, DELETE ON identity.migration FROM jarvis_identity';
    END IF;
END
$roles$;
