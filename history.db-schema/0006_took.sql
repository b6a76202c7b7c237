-- The clock of the machine may be set back while a job runs: no time is better than a negative one.
DROP VIEW history;
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
    CASE WHEN jobs.finished_at >= jobs.started_at THEN round(jobs.finished_at - jobs.started_at, 1) END AS took_s,
    jobs.language,
    jobs.model,
    (SELECT group_concat(tag, ', ') FROM job_tags WHERE job_tags.job_id = jobs.id) AS tags,
    jobs.request AS settings,
    jobs.deleted_at IS NOT NULL AS in_bin
FROM jobs
ORDER BY jobs.created_at DESC, jobs.seq DESC;
