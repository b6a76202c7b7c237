"""Parts follow the context of the model: no question is larger than it, whatever is asked."""

from __future__ import annotations

from typing import Any

import pytest

from engines.writing.counting import estimate, estimate_messages
from tests.workbench.writing.scripted import run
from tests.workbench.writing.test_courses import faithful, talk
from workbench.errors import JobError
from workbench.writing.setting import Setting
from workbench.writing.sizes import SIZES, check_room, sizes_for
from workbench.writing.wish import KINDS, LENGTHS, STYLES, WriteRequest

HOUR = talk(700)


@pytest.mark.parametrize(("context", "thinking"), [(2560, False), (4096, False), (6144, True), (8192, True)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_question_fits_the_context_with_its_answer(kind: str, context: int, thinking: bool) -> None:
    wish: dict[str, Any] = {"kind": kind, "context": context, "thinking": thinking, "quality": "careful"}
    wish |= {"style": "detailed", "length": "long", "instruction": "列出全部预算", "template": "一、预算\n二、报告"}
    wish |= {"language": "en"} if kind in ("subtitles", "translate") else {}
    request = WriteRequest.from_dict(wish)
    made = Setting(request, HOUR, estimate, sizes_for(request))
    _, items = run(made, faithful)
    assert max(estimate_messages(item.messages) + item.max_tokens for item in items) + thinking * 2048 <= context
    assert {one for part in made.parts for one in part.ids} == set(range(1, 701))


@pytest.mark.parametrize("quality", ["quick", "careful"])
def test_the_usual_context_has_room_for_the_usual_parts(quality: str) -> None:
    for style in STYLES:
        for length in LENGTHS:
            for kind in KINDS:
                request = WriteRequest(kind, style, length, "en", "列出预算", "一、预算", quality=quality)
                usual, sizes = SIZES[quality == "careful"], sizes_for(request)
                assert (sizes.lines, sizes.text) == (usual.lines, usual.text)
                assert sizes.most_lines == usual.most_lines // (2 if request.into else 1)


def test_a_model_with_no_room_for_a_text_is_refused_with_the_numbers() -> None:
    with pytest.raises(JobError) as refused:
        check_room(WriteRequest("summary", context=1024), "Small")
    assert refused.value.values["most"] == 1024
    with pytest.raises(JobError):
        check_room(WriteRequest("template", template="表" * 8000), "Any")
    check_room(WriteRequest("polish", context=2048), "Small")
