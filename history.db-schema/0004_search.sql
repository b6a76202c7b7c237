-- Words of the lines, for search. `tokens` is the line with each run of Chinese, Japanese or Korean signs written as
-- overlapping pairs (workbench/search.py), so that any two signs are found as quickly as any English word.
-- The rowid is segments.id; the text itself is not stored twice.
CREATE VIRTUAL TABLE segments_search USING fts5 (
    tokens, content = '', tokenize = "unicode61 remove_diacritics 2"
);
