-- Lines of a finished transcript, as the person sees and edits them.
CREATE TABLE segments (
    id             INTEGER PRIMARY KEY,
    job_id         TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    start          REAL NOT NULL,
    "end"          REAL NOT NULL,
    text           TEXT NOT NULL,
    original_text  TEXT,             -- what the model wrote, once somebody has edited the line
    language       TEXT,
    speaker        TEXT,
    avg_logprob    REAL,
    words          TEXT,             -- JSON: [[start, end, text, probability], ...]
    flags          TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE UNIQUE INDEX segments_job ON segments (job_id, number);

-- A file that a job made.
CREATE TABLE artifacts (
    job_id      TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    path        TEXT NOT NULL,       -- below the data folder
    media_type  TEXT NOT NULL,
    size_bytes  INTEGER NOT NULL,
    created_at  REAL NOT NULL,
    PRIMARY KEY (job_id, name)
) STRICT;

-- How fast each model has been here: sound seconds a second, a running mean.
CREATE TABLE speeds (
    model        TEXT NOT NULL,
    device       TEXT NOT NULL,
    precision    TEXT NOT NULL,
    realtime_x   REAL NOT NULL,
    n_samples    INTEGER NOT NULL,
    updated_at   REAL NOT NULL,
    PRIMARY KEY (model, device, precision)
) STRICT, WITHOUT ROWID;
