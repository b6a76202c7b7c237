"""Errors of models, their weights and their processes."""

from __future__ import annotations

from media.errors import WorkbenchError


class EngineError(WorkbenchError):
    """A model or its process could not do what was asked."""

    default_code = "engine_failed"
    default_status = 500


class EngineCrashed(EngineError):
    """The child process ended by itself; the work it held may be given to a new one."""

    default_code = "engine_crashed"


class EngineHung(EngineError):
    """The child process passed its time limit and was killed."""

    default_code = "engine_hung"


class OutOfMemory(EngineError):
    """Neither an empty machine nor the last step of the ladder gives the model enough memory."""

    default_code = "out_of_memory"
    default_status = 507


class Stopped(EngineError):
    """The caller asked the run to stop."""

    default_code = "stopped"
    default_status = 409


class WeightsMissing(EngineError):
    """No source in reach holds the weights of a model."""

    default_code = "weights_missing"
    default_status = 503
