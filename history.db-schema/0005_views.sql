-- For people who open the file: every job, newest first, in readable units.
CREATE VIEW history AS
SELECT
    jobs.id AS job,
    datetime(jobs.created_at, 'unixepoch', 'localtime') AS asked_at,
    jobs.title,
    jobs.source_name AS file,
    jobs.task,
    jobs.status,
    jobs.error_code AS error,
    round(jobs.duration_s / 60.0, 1) AS minutes,
    round(jobs.finished_at - jobs.started_at, 1) AS took_s,
    jobs.language,
    jobs.model,
    (SELECT group_concat(tag, ', ') FROM job_tags WHERE job_tags.job_id = jobs.id) AS tags,
    jobs.request AS settings,
    jobs.deleted_at IS NOT NULL AS in_bin
FROM jobs
ORDER BY jobs.created_at DESC, jobs.seq DESC;

-- Every line of every transcript with its recording and place.
CREATE VIEW transcripts AS
SELECT
    jobs.title,
    segments.number,
    printf('%d:%02d:%02d', segments.start / 3600, segments.start / 60 % 60, segments.start % 60) AS at,
    segments.speaker,
    segments.text,
    segments.original_text,
    segments.language,
    segments.job_id AS job
FROM segments JOIN jobs ON jobs.id = segments.job_id
ORDER BY segments.id;
