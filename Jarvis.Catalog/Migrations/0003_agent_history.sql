-- The history is bounded by its bytes, not only by its versions. Who made an agent is written down from here on (agent.created_by, an account's id),
-- and counts for the account's bounds; agents from before count for nobody's.
ALTER TABLE catalog.agent_version ADD COLUMN size_bytes integer NOT NULL DEFAULT 0;
UPDATE catalog.agent_version SET size_bytes = octet_length(fields::text) + octet_length(system_prompt);

-- What was deleted leaves its name and its number, which replicas ask for, and no text.
DELETE FROM catalog.agent_version WHERE agent_id IN (SELECT id FROM catalog.agent WHERE deleted_at IS NOT NULL);
UPDATE catalog.agent SET system_prompt = '', size_bytes = 0 WHERE deleted_at IS NOT NULL;
