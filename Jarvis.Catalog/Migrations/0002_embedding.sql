-- Vectors by what was embedded, so that neither a restart nor a second replica pays for one twice.
CREATE TABLE catalog.embedding (
    -- Provider, model and, when it is configured, the length: only vectors of one model are comparable.
    model        text NOT NULL,
    -- SHA-256 of the text, its template's version included.
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    dimensions   integer NOT NULL CHECK (dimensions > 0),
    -- float32, little-endian, as the provider gave it.
    vector       bytea NOT NULL CHECK (octet_length(vector) = 4 * dimensions),
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- Moved once a day while some catalog has the text; what nobody needs for long is deleted.
    last_used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, content_hash)
);

-- Floats do not compress, and a row whose vector lies apart is cheap to touch.
ALTER TABLE catalog.embedding ALTER COLUMN vector SET STORAGE EXTERNAL;

CREATE INDEX embedding_last_used ON catalog.embedding (last_used_at);
