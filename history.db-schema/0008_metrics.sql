-- What the administrator chose for a model; NULL is left to the program.
CREATE TABLE model_choices (
    model        TEXT PRIMARY KEY,
    device       TEXT,              -- 'cpu' or 'cuda:N'
    precision    TEXT,
    keep_alive_s REAL,
    pinned       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What a model needs and does on this hardware, measured; other weights, libraries or hardware are another row.
CREATE TABLE measurements (
    model            TEXT NOT NULL,
    revision         TEXT NOT NULL,     -- of the weights
    library          TEXT NOT NULL,     -- that computes it, with its version
    hardware         TEXT NOT NULL,     -- processor with its threads, or graphics card
    precision        TEXT NOT NULL,
    load_s           REAL NOT NULL,
    resident_mib     INTEGER NOT NULL,
    working_base_mib INTEGER NOT NULL,
    working_item_mib INTEGER NOT NULL,
    speeds           TEXT NOT NULL,     -- JSON: {batch: seconds of sound a second}
    sound            TEXT NOT NULL,     -- what it was measured with: 'recording' or 'made'
    n_runs           INTEGER NOT NULL DEFAULT 0,    -- batches of real work that were learned from since
    measured_at      REAL NOT NULL,
    updated_at       REAL NOT NULL,
    PRIMARY KEY (model, revision, library, hardware, precision)
) STRICT, WITHOUT ROWID;

-- The largest batch that did not run out of memory; 0 where even one item did.
CREATE TABLE batch_limits (
    model      TEXT NOT NULL,
    hardware   TEXT NOT NULL,
    precision  TEXT NOT NULL,
    batch      INTEGER NOT NULL,
    learned_at REAL NOT NULL,
    PRIMARY KEY (model, hardware, precision)
) STRICT, WITHOUT ROWID;

-- What the panel draws: minutes for a day, hours for a month.
CREATE TABLE metrics (
    step   INTEGER NOT NULL,            -- 60 or 3600 seconds
    at     INTEGER NOT NULL,            -- the beginning of the step
    name   TEXT NOT NULL,
    label  TEXT NOT NULL DEFAULT '',    -- a model, a lane, an error, a status
    n      INTEGER NOT NULL,            -- how many values were seen
    total  REAL NOT NULL,               -- their sum
    peak   REAL NOT NULL,
    PRIMARY KEY (step, at, name, label)
) STRICT, WITHOUT ROWID;

-- Jobs that ended since the panel last looked.
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
