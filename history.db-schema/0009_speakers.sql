-- A job that adds to the result of another one, such as telling its speakers apart; lists do not show it.
ALTER TABLE jobs ADD COLUMN parent_id TEXT REFERENCES jobs (id) ON DELETE CASCADE;
CREATE INDEX jobs_parent ON jobs (parent_id, seq DESC) WHERE parent_id IS NOT NULL;

-- The people of one recording. segments.speaker holds the key.
CREATE TABLE speakers (
    job_id    TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,  -- the transcription
    key       TEXT NOT NULL,            -- '1', '2' ... in the order in which they are first heard
    name      TEXT,                     -- what somebody called them, NULL until then
    speech_s  REAL NOT NULL,            -- for how long they are heard
    embedding BLOB,                     -- 192 float16 numbers of the voice; NULL where a person made this speaker
    PRIMARY KEY (job_id, key)
) STRICT, WITHOUT ROWID;

-- Who is heard when; turns of two people may overlap.
CREATE TABLE turns (
    job_id  TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    start   REAL NOT NULL,
    "end"   REAL NOT NULL,
    speaker TEXT NOT NULL,              -- speakers.key
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;
