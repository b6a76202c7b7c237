-- A recording as it was uploaded, once for each content.
CREATE TABLE inputs (
    sha256      TEXT PRIMARY KEY,
    size_bytes  INTEGER NOT NULL,
    media_kind  TEXT,               -- 'audio' or 'video', known after the first decode
    duration_s  REAL,
    received_at REAL NOT NULL       -- the last time somebody sent it; seconds since 1970, as every *_at
) STRICT, WITHOUT ROWID;

-- What somebody asked for. A row here is a promise that the work will end.
CREATE TABLE jobs (
    seq           INTEGER PRIMARY KEY,  -- the order of acceptance; a clock that jumps does not disturb it
    id            TEXT NOT NULL UNIQUE,
    task          TEXT NOT NULL,
    title         TEXT NOT NULL,
    source_name   TEXT NOT NULL DEFAULT '',
    input_sha256  TEXT REFERENCES inputs (sha256),
    batch_id      TEXT,
    owner         TEXT NOT NULL DEFAULT '',
    lane          TEXT NOT NULL CHECK (lane IN ('live', 'interactive', 'batch')),
    status        TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    request       TEXT NOT NULL,    -- JSON, the task's request dataclass
    model         TEXT NOT NULL,
    fingerprint   TEXT NOT NULL,    -- of input, request and model: equal means the result is the same
    copied_from   TEXT,             -- the job whose stored result this one was given
    language      TEXT,
    duration_s    REAL,
    position_s    REAL NOT NULL DEFAULT 0,
    cut_done      INTEGER NOT NULL DEFAULT 0,   -- 1 when all chunk rows are written
    n_chunks      INTEGER NOT NULL DEFAULT 0,
    n_failed      INTEGER NOT NULL DEFAULT 0,
    first_segment INTEGER,          -- the ids of its lines run from here ...
    last_segment  INTEGER,          -- ... to here, and belong to no other job
    error_code    TEXT,
    error_values  TEXT,             -- JSON
    notes         TEXT NOT NULL DEFAULT '[]',   -- JSON list of {"code", "values"} that the person is told
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    revision      INTEGER NOT NULL DEFAULT 0,   -- grows with every change that a screen should show
    created_at    REAL NOT NULL,
    started_at    REAL,
    finished_at   REAL,
    deleted_at    REAL              -- in the bin since; NULL otherwise
) STRICT;
CREATE INDEX jobs_active ON jobs (seq) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_created ON jobs (created_at DESC, seq DESC) WHERE deleted_at IS NULL;
CREATE INDEX jobs_status ON jobs (status, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
CREATE INDEX jobs_task ON jobs (task, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
CREATE INDEX jobs_deleted ON jobs (created_at DESC, seq DESC) WHERE deleted_at IS NOT NULL;
CREATE INDEX jobs_fingerprint ON jobs (fingerprint, seq DESC) WHERE status = 'succeeded';
CREATE INDEX jobs_input ON jobs (input_sha256);
-- Everything that search filters by, so that it never reads the jobs themselves.
CREATE INDEX jobs_lines ON jobs (last_segment DESC, first_segment, created_at, task, status, deleted_at)
    WHERE first_segment IS NOT NULL;
CREATE INDEX jobs_lines_deleted ON jobs (last_segment DESC, first_segment)
    WHERE first_segment IS NOT NULL AND deleted_at IS NOT NULL;

CREATE TABLE job_tags (
    job_id      TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    tag         TEXT NOT NULL,
    created_at  REAL NOT NULL,      -- the job's, so that the jobs of a tag are read in order
    seq         INTEGER NOT NULL,   -- the job's
    PRIMARY KEY (job_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_tags_tag ON job_tags (tag, created_at DESC, seq DESC);
