CREATE INDEX task_recent_by_correlation ON workflows.task (correlation_id, created_at DESC, id DESC);
CREATE INDEX task_recent_by_workflow ON workflows.task (workflow_id, created_at DESC, id DESC) WHERE workflow_id IS NOT NULL;
