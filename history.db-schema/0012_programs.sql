-- A key that a program shows. The key itself is kept nowhere.
CREATE TABLE keys (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    hash              TEXT NOT NULL UNIQUE,  -- SHA-256 of the key
    ending            TEXT NOT NULL,         -- its last signs, by which people know it again
    scope             TEXT NOT NULL CHECK (scope IN ('transcribe', 'all')),
    requests_a_minute INTEGER,               -- NULL: no limit, here and below
    hours_a_day       REAL,
    upload_mb         INTEGER,
    created_at        REAL NOT NULL,
    used_at           REAL,
    revoked_at        REAL
) STRICT, WITHOUT ROWID;

-- What was answered to a request that its sender may send again, because the answer was lost on its way.
CREATE TABLE answered (
    owner      TEXT NOT NULL,
    key        TEXT NOT NULL,                -- the header Idempotency-Key
    hash       TEXT NOT NULL,                -- SHA-256 of the request
    jobs       TEXT NOT NULL,                -- JSON list of ids
    created_at REAL NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

-- An address that is told when a job has ended.
CREATE TABLE webhooks (
    id         TEXT PRIMARY KEY,
    url        TEXT NOT NULL,
    secret     TEXT NOT NULL,                -- messages are signed with it, so it has to be kept as it is
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- A message that is still to be delivered; it goes once it was, or after the last attempt.
CREATE TABLE deliveries (
    id         TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    job_id     TEXT NOT NULL,
    body       TEXT NOT NULL,
    attempt    INTEGER NOT NULL DEFAULT 0,
    due_at     REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at);
