CREATE INDEX task_ended ON workflows.task (finished_at) WHERE finished_at IS NOT NULL;
