-- How a user wants pages to be. One without a row has the defaults; the zone is in users.
CREATE TABLE preferences (
    user_id                  TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    default_period           TEXT,
    theme                    TEXT,
    refresh_interval_seconds BIGINT,
    -- Names, one a line.
    pinned_metrics           TEXT NOT NULL,
    -- A JSON object.
    widget_arrangement       TEXT,
    updated_at               BIGINT NOT NULL
);
