"""The way from a request to its result, by kind."""

from __future__ import annotations

from workbench.writing.by_line import by_line
from workbench.writing.chapters import chapters
from workbench.writing.condensed import condensed
from workbench.writing.minutes import minutes
from workbench.writing.rounds import Answers, Course, Round, replayed
from workbench.writing.setting import Setting
from workbench.writing.wish import LINE_BY_LINE


def course_of(setting: Setting, answers: Answers) -> Course:
    """Returns all questions known so far, and the result (a ``result.Result``) once all are answered."""
    return replayed(_rounds(setting), answers)


def _rounds(setting: Setting) -> Round:
    kind = setting.request.kind
    if kind in LINE_BY_LINE:
        return by_line(setting)
    if kind == "minutes":
        return minutes(setting)
    return chapters(setting) if kind == "chapters" else condensed(setting)
