"""A real model writes through transformers in each precision that a processor has; where the pack and weights are."""

from __future__ import annotations

from typing import Any

import pytest

from engines.base import Place, is_partial
from engines.errors import EngineError
from engines.process import EngineProcess
from engines.requests_writing import WriteItem
from tests.weights.writing_weights import writing_weights

pytestmark = [pytest.mark.weights, pytest.mark.timeout(1800)]
COUNT = (("user", "Count from 1 to 9, separated by commas."),)


@pytest.mark.parametrize("precision", ["float32", "int8", "int4"])
def test_a_text_grows_ends_at_a_stop_string_and_is_refused_when_too_long(precision: str) -> None:
    spec, weights = writing_weights("qwen3-0.6b")
    process = EngineProcess.start(spec, weights, Place("cpu", precision, 2))
    told: list[dict[str, Any]] = []
    try:
        (result,) = process.run([WriteItem(COUNT, 60, 0, stop=("5",))], lambda _, part: told.append(part))
        assert result["finish"] == "stopped" and result["text"].endswith("4,")
        parts = [part["partial"] for part in told if is_partial(part)]
        assert len(parts) > 1 and all(result["text"].startswith(part) for part in parts)
        with pytest.raises(EngineError, match="text_too_long_for_model"):
            process.run([WriteItem(COUNT, 9000)], lambda *_: None)
        # The first guess of memory holds, with what the libraries keep for later.
        assert process.peak_mib() <= 1.5 * (spec.memory[precision].resident_mib + spec.memory[precision].working_mib(1))
    finally:
        process.close()
