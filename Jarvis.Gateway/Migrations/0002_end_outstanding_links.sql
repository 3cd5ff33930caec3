-- Links of before had their token in the address, and the addresses stood in spans that every viewer could read: none that is outstanding is good any more. Who needs one asks
-- for it anew, or is invited anew.
UPDATE identity.email_link SET used_at = now() WHERE used_at IS NULL;
UPDATE identity.invitation SET expires_at = now() WHERE accepted_at IS NULL AND expires_at > now();
DELETE FROM identity.outbox WHERE kind = 'invitation';
DELETE FROM identity.ws_ticket;
