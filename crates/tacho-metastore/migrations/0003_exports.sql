-- Exports that were asked for. Their files lie in the data directory.
CREATE TABLE exports (
    id              TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Who asked: a user, or a key that acts as none.
    user_id         TEXT REFERENCES users (id) ON DELETE CASCADE,
    key_id          TEXT REFERENCES api_keys (id) ON DELETE CASCADE,
    -- What to export and how, as JSON.
    task            TEXT NOT NULL,
    state           TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    started_at      BIGINT,
    finished_at     BIGINT,
    -- When the file goes, once there is one.
    expires_at      BIGINT,
    rows_expected   BIGINT,
    rows_written    BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    as_of_lsn       BIGINT,
    -- Why it failed: a stable word and a sentence.
    error_code      TEXT,
    error_message   TEXT
);
CREATE INDEX exports_by_organization ON exports (organization_id, id);
CREATE INDEX exports_by_state ON exports (state, id);
