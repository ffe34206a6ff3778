CREATE TABLE dead_letters (
    id              TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    received_at     BIGINT NOT NULL,
    code            TEXT NOT NULL,
    message         TEXT NOT NULL,
    pointer         TEXT,
    record_type     TEXT,
    source          TEXT NOT NULL,
    state           TEXT NOT NULL,
    payload         TEXT NOT NULL,
    -- Bytes of the payload as it arrived; more than the text kept if that was cut.
    payload_bytes   BIGINT NOT NULL,
    is_truncated    BIGINT NOT NULL
);
CREATE INDEX dead_letters_by_state ON dead_letters (organization_id, state, id);
CREATE INDEX dead_letters_by_organization ON dead_letters (organization_id, id);

-- How many are kept in each state, so that neither the bound nor the System page counts rows.
CREATE TABLE dead_letter_totals (
    organization_id TEXT PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    open            BIGINT NOT NULL,
    replayed        BIGINT NOT NULL,
    discarded       BIGINT NOT NULL,
    -- Open letters that were thrown away because the bound was reached.
    dropped         BIGINT NOT NULL
);
