-- What a job that is spoken into the microphone needs to be taken up again.
CREATE TABLE live_sessions (
    job_id   TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    key      TEXT NOT NULL UNIQUE,      -- the word of the browser that speaks
    watch    TEXT NOT NULL UNIQUE,      -- the word of the read-only link
    pause_s  REAL NOT NULL,             -- the silence that closes an utterance
    stopped  INTEGER NOT NULL DEFAULT 0 -- 1 when no more sound will come
) STRICT, WITHOUT ROWID;

-- Lines that were changed while the session ran; they become edits of the transcript when it ends.
CREATE TABLE live_edits (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,            -- of the chunk
    text   TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;
