-- What went wrong while it ran: found by Tacho, and over once it is as it should be.
CREATE TABLE detections (
    id              TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL,
    -- About what. The name is that of then; without a workflow it is the user who tells who may see it.
    workflow_id     TEXT,
    workflow_name   TEXT,
    user_id         TEXT,
    execution_id    TEXT,
    attempt         BIGINT,
    -- When it began, was found, and was over.
    since           BIGINT NOT NULL,
    detected_at     BIGINT NOT NULL,
    ended_at        BIGINT,
    -- What was measured, and what would still have been in order.
    measured        DOUBLE PRECISION NOT NULL,
    bound           DOUBLE PRECISION NOT NULL,
    reason          TEXT NOT NULL
);
CREATE INDEX detections_by_organization ON detections (organization_id, id);
CREATE INDEX detections_by_workflow ON detections (organization_id, workflow_id, id);
CREATE INDEX detections_open ON detections (organization_id, id) WHERE ended_at IS NULL;
CREATE INDEX detections_by_end ON detections (ended_at) WHERE ended_at IS NOT NULL;
