"""Windows cover a recording; what is asked for is checked; a kind of file that can be written is always found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.requests import SoundRequest
from media.cleaning import calmed, gain_for
from media.sound_kinds import kind_of, rate_for
from workbench.errors import JobError
from workbench.tasks.sound import WINDOWS_S, SoundWork, check


@given(duration_s=st.floats(0.01, 40_000), kind=st.sampled_from(["denoise", "restore"]))
def test_windows_cover_a_recording_without_holes(duration_s: float, kind: str) -> None:
    chunks = SoundWork().cutter(SoundRequest(kind=kind)).close(duration_s)
    assert chunks[0].start == 0.0 and chunks[-1].end == duration_s
    assert all(before.end == after.start for before, after in zip(chunks, chunks[1:], strict=False))
    assert all(0 < chunk.end - chunk.start <= WINDOWS_S[kind] + 1e-9 for chunk in chunks)


@pytest.mark.parametrize("wrong", [{"kind": "polish"}, {"mode": 3}, {"strength": 1.2}, {"loudness": "-1"}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(JobError) as refused:
        check(SoundRequest.from_dict(wrong))
    assert refused.value.values["field"] == next(iter(wrong))


def test_a_request_survives_its_stored_shape() -> None:
    asked = SoundRequest("restore", 1, 0.5, "-16", True)
    assert SoundWork().request(asked.to_dict()) == asked


def test_loudness_is_kept_or_brought_to_a_standard_within_reason() -> None:
    assert gain_for("keep", -20.0, -26.0) == 6.0
    assert gain_for("-16", -20.0, -26.0) == 10.0
    assert gain_for("-16", -60.0, -66.0) == 20.0
    assert gain_for("keep", None, None) == 0.0


def test_peaks_are_bent_and_the_rest_is_left_alone() -> None:
    import numpy as np

    sound = np.asarray([[0.5], [-0.84], [1.4], [-3.0]], np.float32)
    bent = calmed(sound)
    assert bent[:2].tolist() == sound[:2].tolist()
    assert np.abs(bent).max() <= 1.0


@pytest.mark.parametrize(
    ("container", "codec", "picture", "ending", "suffix", "same"),
    [
        ("mov,mp4,m4a,3gp,3g2,mj2", "aac", False, ".m4a", ".m4a", True),
        ("mov,mp4,m4a,3gp,3g2,mj2", "aac", True, ".MOV", ".mov", True),
        ("ogg", "vorbis", False, ".ogg", ".ogg", True),
        ("amr", "amrnb", False, ".amr", ".m4a", False),
        ("avi", "mp3", True, ".avi", ".mkv", False),
        ("matroska,webm", "opus", True, ".webm", ".webm", True),
    ],
)
def test_a_kind_is_found(container: str, codec: str, picture: bool, ending: str, suffix: str, same: bool) -> None:
    kind = kind_of(container, codec, picture, ending)
    assert (kind.suffix, kind.same) == (suffix, same)


def test_an_encoder_gets_a_rate_that_it_takes() -> None:
    opus = kind_of("ogg", "opus", False)
    assert [rate_for(opus, rate) for rate in (16_000, 44_100, 96_000)] == [16_000, 48_000, 48_000]
