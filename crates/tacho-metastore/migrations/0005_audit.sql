-- Who asked for data. Names are kept as they were, and users and keys are not referred to: entries outlive them.
CREATE TABLE audit_entries (
    id              TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- The same for what is one entry if it happens again soon.
    digest          TEXT NOT NULL,
    user_id         TEXT,
    user_name       TEXT,
    key_id          TEXT,
    key_name        TEXT,
    operation       TEXT NOT NULL,
    question        TEXT NOT NULL,
    scope           TEXT NOT NULL,
    address         TEXT NOT NULL,
    status          BIGINT NOT NULL,
    -- Of the first request.
    request_id      TEXT NOT NULL,
    -- How many requests.
    requests        BIGINT NOT NULL,
    first_at        BIGINT NOT NULL,
    last_at         BIGINT NOT NULL
);
CREATE INDEX audit_entries_by_organization ON audit_entries (organization_id, id);
CREATE INDEX audit_entries_by_digest ON audit_entries (organization_id, digest, id);
CREATE INDEX audit_entries_by_user ON audit_entries (organization_id, user_id, id);

-- How many entries are kept, so that the bound counts no rows.
CREATE TABLE audit_totals (
    organization_id TEXT PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    entries         BIGINT NOT NULL
);
