-- A voice that reads aloud, made from a recording of somebody who agreed to it. Its sound and what is said in it lie in the
-- folder own-voices/ID of the data folder, and go with the row.
CREATE TABLE own_voices (
    id         TEXT PRIMARY KEY,        -- own- and 16 hexadecimal digits, as jobs name it
    name       TEXT NOT NULL,
    consent    TEXT NOT NULL,           -- what was agreed, in the words that were typed
    agreed_by  TEXT NOT NULL,           -- who agreed
    agreed_on  TEXT NOT NULL,           -- the day, YYYY-MM-DD
    ends_on    TEXT,                    -- the last day on which the voice reads; NULL: until somebody deletes it
    created_at REAL NOT NULL,
    source     TEXT NOT NULL,           -- title of the recording
    speech_s   REAL NOT NULL,
    clear_db   REAL                     -- speech over noise
) STRICT, WITHOUT ROWID;
