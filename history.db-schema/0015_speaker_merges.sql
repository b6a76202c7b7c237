-- Two speakers that somebody made one, with what it takes to part them again. A new pass over the speakers takes it away.
CREATE TABLE speaker_merges (
    job_id         TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,  -- the transcription
    seq            INTEGER NOT NULL,    -- the later one is parted first
    key            TEXT NOT NULL,       -- the speaker that is gone
    into_key       TEXT NOT NULL,       -- whom it became
    name           TEXT,                -- the name that somebody typed for the one that is gone
    voice_id       TEXT REFERENCES voices (id) ON DELETE SET NULL,  -- the voice that named it
    voice_score    REAL,
    gave_name      INTEGER NOT NULL,    -- 1: the other one had no name and took this one's
    speech_s       REAL NOT NULL,
    embedding      BLOB,                -- of the one that is gone
    into_embedding BLOB,                -- of the other one before
    lines          TEXT NOT NULL,       -- segments.number of its lines, JSON
    turns          TEXT NOT NULL,       -- [start, end] of its turns, JSON
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX speaker_merges_voice ON speaker_merges (voice_id) WHERE voice_id IS NOT NULL;
