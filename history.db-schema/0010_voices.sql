-- A person whose voice is known here, because somebody agreed to it.
CREATE TABLE voices (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    consent    TEXT NOT NULL,           -- what was agreed, in the words that were typed
    agreed_by  TEXT NOT NULL,           -- who agreed
    agreed_on  TEXT NOT NULL,           -- the day, YYYY-MM-DD
    ends_on    TEXT,                    -- the last day on which the voice is used; NULL: until somebody deletes it
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- What a voice is known from.
CREATE TABLE voice_recordings (
    voice_id  TEXT NOT NULL REFERENCES voices (id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    job_id    TEXT REFERENCES jobs (id) ON DELETE SET NULL,  -- while that is kept, a sample can be played
    title     TEXT NOT NULL,            -- of the recording
    start     REAL,                     -- the stretch to play
    "end"     REAL,
    speech_s  REAL NOT NULL,
    clear_db  REAL,                     -- speech over noise
    embedding BLOB NOT NULL,            -- 192 float16 numbers
    PRIMARY KEY (voice_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX voice_recordings_job ON voice_recordings (job_id) WHERE job_id IS NOT NULL;

-- Speakers of recordings whose name came from a voice. A name that a person types takes the row away.
CREATE TABLE voice_names (
    job_id   TEXT NOT NULL,
    key      TEXT NOT NULL,
    voice_id TEXT NOT NULL REFERENCES voices (id) ON DELETE CASCADE,
    score    REAL,                      -- NULL for the recording that the voice was taken from
    PRIMARY KEY (job_id, key),
    FOREIGN KEY (job_id, key) REFERENCES speakers (job_id, key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX voice_names_voice ON voice_names (voice_id);

-- Who saw, heard or used a voice. It says nothing about a voice that is gone but that it was there.
CREATE TABLE voice_log (
    seq      INTEGER PRIMARY KEY,
    at       REAL NOT NULL,
    voice_id TEXT,                      -- NULL: all voices
    what     TEXT NOT NULL,             -- 'enrolled', 'seen', 'played', 'named', 'compared' ...
    who      TEXT NOT NULL,             -- the address that asked; '' for the program itself
    job_id   TEXT                       -- the recording that it was used for
) STRICT;
CREATE INDEX voice_log_voice ON voice_log (voice_id, seq DESC);

-- How often a stranger may be given a name; one row, absent until somebody chooses.
CREATE TABLE voice_rule (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    wrong_share  REAL NOT NULL
) STRICT, WITHOUT ROWID;
