"""Errors of jobs, uploads and the data folder."""

from __future__ import annotations

from media.errors import WorkbenchError


class JobError(WorkbenchError):
    """A job that does not exist, cannot do what was asked, or could not be finished."""

    default_code = "job_failed"
    default_status = 409


class NotFound(WorkbenchError):
    """A job, upload, model or artifact that is not there."""

    default_code = "job_unknown"
    default_status = 404


class UploadError(WorkbenchError):
    """A file that could not be taken in."""

    default_code = "upload_cut_short"
    default_status = 400


class DataInUse(WorkbenchError):
    """Another Roomtone works on the same data folder."""

    default_code = "data_in_use"
    default_status = 409
