"""What was written from a transcript, as it is read aloud."""

from __future__ import annotations

from typing import Any

from workbench.reading_aloud.written import of_result
from workbench.writing.files import Words

WORDS = Words(lambda key, **values: key)


def sentence(text: str) -> dict[str, Any]:
    return {"text": text, "spans": [[61.0, 63.0]], "state": "supported"}


def test_minutes_are_read_without_their_times_and_marks() -> None:
    blocks = [
        {"group": "decisions", "shape": "item", "sentences": [sentence("We meet at three.")]},
        {"group": "tasks", "shape": "task", "sentences": [sentence("Send the figures")], "who": "Ann", "when": ""},
    ]
    script = of_result({"kind": "minutes", "pairs": [], "blocks": blocks}, WORDS, frozenset(), True)
    lines = script.text.split("\n")
    assert lines == ["write.group.decisions", "We meet at three.", "write.group.tasks", "Send the figures，Ann"]
    assert script.cues == ()


def test_a_translation_keeps_the_times_of_its_lines_and_what_somebody_kept() -> None:
    one = {"state": "written", "speaker": None}
    pairs = [
        {**one, "id": n, "line": n, "before": f"旧{n}", "after": f"new {n}", "start": 5.0 * n, "end": 5.0 * n + 4}
        for n in range(3)
    ]
    result = {"kind": "translate", "pairs": pairs, "blocks": []}
    timed = of_result(result, WORDS, frozenset({1}), True)
    assert timed.text.split("\n")[:3] == ["new 0", "旧1", "new 2"] and [cue.start_s for cue in timed.cues] == [0, 5, 10]
    assert of_result(result, WORDS, frozenset(), False).cues == ()
