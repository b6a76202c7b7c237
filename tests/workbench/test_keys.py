"""Keys of programs: kept as hashes, limited, and ended at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import NotFound
from workbench.history.history import History
from workbench.history.rows import NewJob
from workbench.programs.keys import KeyRefused, Keys, Wanted


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(tmp_path: Path, root: Path, clock: Clock) -> Iterator[History]:
    with History(tmp_path / "history.db", root / "history.db-schema", clock=clock) as one:
        yield one


@pytest.fixture
def keys(history: History, clock: Clock) -> Keys:
    return Keys(history, clock)


def test_a_key_is_told_once_and_kept_as_a_hash(keys: Keys, history: History) -> None:
    row, secret = keys.make(Wanted("subtitles"))
    assert keys.admit(secret).id == row.id and secret.endswith(row.ending)
    history.close()
    assert secret.encode() not in history.path.read_bytes()


def test_a_key_that_is_unknown_or_revoked_is_refused(keys: Keys) -> None:
    row, secret = keys.make(Wanted("one"))
    with pytest.raises(KeyRefused, match="key_unknown"):
        keys.admit("rt-nothing")
    keys.revoke(row.id)
    with pytest.raises(KeyRefused, match="key_revoked"):
        keys.admit(secret)
    with pytest.raises(NotFound):
        keys.revoke(row.id)


def test_a_key_for_transcribing_opens_nothing_else(keys: Keys) -> None:
    _, narrow = keys.make(Wanted("narrow"))
    _, wide = keys.make(Wanted("wide", "all"))
    with pytest.raises(KeyRefused, match="key_scope"):
        keys.admit(narrow, "all")
    assert keys.admit(wide, "all") and keys.admit(wide, "transcribe")


def test_calls_are_counted_over_the_last_minute(keys: Keys, clock: Clock) -> None:
    _, secret = keys.make(Wanted("two", requests_a_minute=2))
    keys.admit(secret)
    clock.now += 50
    keys.admit(secret)
    with pytest.raises(KeyRefused) as refused:
        keys.admit(secret)
    assert (refused.value.status, refused.value.values["retry_s"]) == (429, 11)
    clock.now += 11
    keys.admit(secret)


def test_the_hours_of_a_day_come_back_the_day_after(keys: Keys, history: History, clock: Clock) -> None:
    row, secret = keys.make(Wanted("hour", hours_a_day=1.0))
    history.add_input("0" * 64, 1)
    history.add_jobs([
        NewJob(id="a", task="automatic-speech-recognition", title="a", source_name="a", input_sha256="0" * 64,
               batch_id=None, owner=row.owner, lane="batch", request={}, model="base", fingerprint="f")
    ])  # fmt: skip
    keys.may_hear(keys.admit(secret))
    history.finish_cut("a", 3600.0)
    with pytest.raises(KeyRefused) as refused:
        keys.may_hear(row)
    assert refused.value.status == 429
    clock.now += refused.value.values["retry_s"]  # type: ignore[operator]
    keys.may_hear(row)
    keys.may_hear(None)
