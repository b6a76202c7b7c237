-- Words of the lines, for search. `tokens` is the line as workbench/search.py writes it: folded words, and each run of
-- Chinese, Japanese or Korean signs as overlapping pairs, so that any two signs are found as quickly as any English word.
-- The tokens arrive ready, so the tokenizer only splits them. The rowid is segments.id; the text is not stored twice.
CREATE VIRTUAL TABLE segments_search USING fts5 (
    tokens, content = '', columnsize = 0, prefix = '1 2 3 4', tokenize = "ascii"
);
-- The same for titles and file names; the rowid is jobs.seq.
CREATE VIRTUAL TABLE jobs_search USING fts5 (
    tokens, content = '', columnsize = 0, prefix = '1 2 3', tokenize = "ascii"
);
