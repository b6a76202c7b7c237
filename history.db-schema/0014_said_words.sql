-- How a word is said when a text is read aloud; the office keeps this list.
CREATE TABLE said_words (
    written    TEXT PRIMARY KEY COLLATE NOCASE,
    spoken     TEXT NOT NULL,          -- other letters, or pinyin with tone numbers
    changed_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
