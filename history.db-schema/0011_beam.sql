-- A model that follows five candidates at once is slower than with one: each number has a speed of its own. What was
-- learned of all together stays a first guess for each, which soon follows what is measured.
CREATE TABLE speeds_by_beam (
    model        TEXT NOT NULL,
    device       TEXT NOT NULL,
    precision    TEXT NOT NULL,
    beam         INTEGER NOT NULL,              -- candidates followed at once; 0 where the model knows no such number
    realtime_x   REAL NOT NULL CHECK (realtime_x > 0),  -- seconds of sound a second
    n_samples    INTEGER NOT NULL,
    updated_at   REAL NOT NULL,
    PRIMARY KEY (model, device, precision, beam)
) STRICT, WITHOUT ROWID;
INSERT INTO speeds_by_beam
SELECT model, device, precision, beam, realtime_x, 1, updated_at
FROM speeds, (SELECT 0 AS beam UNION ALL SELECT 1 UNION ALL SELECT 5)
WHERE realtime_x > 0;
DROP TABLE speeds;
ALTER TABLE speeds_by_beam RENAME TO speeds;
