-- Somebody accepted the conditions of a model's licence; until then its weights are not fetched.
CREATE TABLE accepted_terms (
    model       TEXT PRIMARY KEY,       -- the model's name in the catalog
    licence     TEXT NOT NULL,          -- what was accepted: the licence's name
    link        TEXT NOT NULL,          -- where it was to be read
    who         TEXT NOT NULL,          -- the name that was typed
    accepted_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
