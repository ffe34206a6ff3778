-- What an organization pays for the sessions in which its automations run. One without a row has the server's defaults.
CREATE TABLE cost_rates (
    organization_id           TEXT PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Micro-dollars.
    per_minute_micro_usd      BIGINT NOT NULL,
    session_minimum_micro_usd BIGINT NOT NULL,
    updated_at                BIGINT NOT NULL,
    -- None if a key set them that acts as nobody.
    updated_by                TEXT REFERENCES users (id) ON DELETE SET NULL
);
