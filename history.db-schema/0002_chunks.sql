-- The unit of work: small enough to lose, checkpointed one by one.
CREATE TABLE chunks (
    job_id       TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,          -- 0, 1, 2 ... in the order of the input
    start        REAL NOT NULL,             -- seconds from the start of the recording
    "end"        REAL NOT NULL,
    place        TEXT NOT NULL,             -- JSON: [[start, end], ...], the stretches that are run together
    status       TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    fence        INTEGER NOT NULL DEFAULT 0,    -- grows with every claim; a result with an old one is refused
    result       TEXT,                      -- JSON, as the engine gave it
    error_code   TEXT,
    error_values TEXT,
    finished_at  REAL,
    PRIMARY KEY (job_id, number)
) STRICT;
CREATE INDEX chunks_waiting ON chunks (job_id, number) WHERE status = 'queued';
CREATE INDEX chunks_running ON chunks (job_id, number) WHERE status = 'running';
