-- A key belongs to the account that sent it.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS task_idempotency_of_account ON workflows.task (account_id, kind, idempotency_key) WHERE idempotency_key IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS workflows.task_idempotency;
-- Lost leases are looked for among the tasks that run, which are few. With lease_until in an index each renewal would write to all indexes of the table.
CREATE INDEX CONCURRENTLY IF NOT EXISTS task_running ON workflows.task (id) WHERE status = 'running';
DROP INDEX CONCURRENTLY IF EXISTS workflows.task_lease;
-- The rare failures of one workflow, without a walk through all of its runs.
CREATE INDEX CONCURRENTLY IF NOT EXISTS task_recent_by_workflow_and_status ON workflows.task (workflow_id, status, created_at DESC, id DESC) WHERE workflow_id IS NOT NULL;
-- The planner takes a filter for evenly spread, and walked the newest tasks for a workflow that has not run of late. The condition holds for all tasks, and only the list without a filter states it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS task_recent_of_all ON workflows.task (created_at DESC, id DESC) WHERE kind <> '';
DROP INDEX CONCURRENTLY IF EXISTS workflows.task_recent;
