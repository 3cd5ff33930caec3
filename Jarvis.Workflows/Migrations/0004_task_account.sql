-- Whose a task is: for its idempotency key, for what its account may keep here, and for who sees its result. Null: from before this was kept. A service's is all zeros.
-- stored_bytes: of the payload and the result.
ALTER TABLE workflows.task
    ADD COLUMN account_id uuid,
    ADD COLUMN caller_kind text,
    ADD COLUMN stored_bytes integer NOT NULL DEFAULT 0;

-- Who triggered and who cancelled; null for what the worker did.
ALTER TABLE workflows.task_event
    ADD COLUMN account_id uuid,
    ADD COLUMN caller_kind text;

-- Room for the renewals of a lease on the task's own page: they touch no index, and are then cheap (HOT).
ALTER TABLE workflows.task SET (fillfactor = 70);

-- What an account keeps here; counted in the statement that adds, ends or prunes tasks.
CREATE TABLE workflows.account_usage (
    account_id uuid PRIMARY KEY,
    tasks      bigint NOT NULL,
    bytes      bigint NOT NULL
) WITH (fillfactor = 50);
