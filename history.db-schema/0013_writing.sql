-- A form that the office writes and shares, such as a weekly report.
CREATE TABLE writing_templates (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    text       TEXT NOT NULL,
    created_at REAL NOT NULL,
    changed_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- A sentence of a written text of which somebody keeps the original.
CREATE TABLE writing_refused (
    job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    sentence INTEGER NOT NULL,               -- its number in the result, from 1
    PRIMARY KEY (job_id, sentence)
) STRICT, WITHOUT ROWID;

-- Where a new matter begins in a recording, once somebody took the chapters over.
CREATE TABLE chapters (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    start  REAL NOT NULL,                    -- seconds
    title  TEXT NOT NULL,
    PRIMARY KEY (job_id, start)
) STRICT, WITHOUT ROWID;
