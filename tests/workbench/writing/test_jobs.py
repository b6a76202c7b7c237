"""Writing as jobs: accepted, shown as it grows, stopped and gone on with, taken over in parts, saved as files."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from engines.requests_writing import WriteItem
from tests.workbench.watching import WAIT_S, settle
from tests.workbench.writing.scripted import count, material, task
from workbench.errors import JobError, NotFound
from workbench.history.history import History
from workbench.history.rows import ChunkRow, NewJob
from workbench.jobs import JobView
from workbench.texts import Texts
from workbench.writing.course import course_of
from workbench.writing.document import of_text
from workbench.writing.ending import agreed
from workbench.writing.files import Words, saved
from workbench.writing.rounds import chunks_of
from workbench.writing.setting import Setting, Sizes
from workbench.writing.wish import WriteRequest

QUICK, CAREFUL = "qwen2.5-coder-0.5b-gguf", "qwen2.5-coder-1.5b-gguf"
LINES = ("我们讨论第{n}项预算，定为{n}万元。", "李明下周三之前交第{n}份报告。")


def answer(item: Any) -> dict[str, Any]:
    """Polishes by a small change, and gives points and texts from the material itself."""
    lines, asked = material(item), task(item)
    if "chapters" in asked:
        text = "[1] 开场"
    elif "标题" in asked and "不超过20" in asked:
        text = "预算周会"
    elif "decisions" in asked:
        text = f'{{"topics":[{{"text":"{lines[0][1]}","from":[1]}}],"decisions":[],"tasks":[{{"who":"李明",' + (
            f'"what":"{lines[-1][1]}","when":"下周三","from":[{lines[-1][0]}]}}]}}'
        )
    elif "以“- ”开头" in asked:
        text = "\n".join(f"- {line}[{n}]" for n, line in lines[:3])
    elif "逐句" in asked:
        text = "\n".join(f"[{n}] {line.replace('讨论', '商讨')}" for n, line in lines)
    else:
        text = "".join(f"{line}[{n}]" for n, line in lines[:4])
    return {"text": text, "reasoning": "", "n_prompt": 1, "n_tokens": 1, "finish": "stop"}


@pytest.fixture
def writing_room(room: Any) -> Any:
    room.engine = lambda item: answer(item) if isinstance(item, WriteItem) else spoken(item)
    room.store.there |= {QUICK, CAREFUL}
    pytest.importorskip("xllamacpp", reason="the pack `writing` is not installed")
    return room


def spoken(item: Any) -> dict[str, Any]:
    from tests.workbench.conftest import say

    start = item.pieces[0][0]
    return say(item, LINES[round(start) // 30 % 2].format(n=10 + round(start) // 30), "zh")


def transcript(room: Any, bench: Any, n: int = 12) -> JobView:
    from tests.workbench.conftest import recording

    made = room.submit(bench, recording(n), language="zh")[0]
    return bench.wait(made.id, WAIT_S)


def written(bench: Any, job: str, **wish: Any) -> JobView:
    return bench.wait(bench.written.from_job(job, WriteRequest.from_dict(wish), "ann"), WAIT_S)


def test_polishing_ends_with_every_sentence_and_can_be_put_into_the_transcript_and_taken_back(
    writing_room: Any,
) -> None:
    bench = writing_room.bench()
    source = transcript(writing_room, bench)
    made = written(bench, source.id, kind="polish")
    assert (made.status, made.title, made.task) == ("succeeded", source.title, "text-generation")
    pairs = bench.written.result(made.id)["pairs"]
    before = [line["text"] for line in bench.segments(source.id)["segments"]]
    assert [pair["before"] for pair in pairs] == before
    changed = [pair["id"] for pair in pairs if pair["state"] == "written"]
    bench.written.refuse(made.id, changed[:1])
    was = bench.written.apply(made.id)
    after = [line["text"] for line in bench.segments(source.id)["segments"]]
    assert len(was["lines"]) == len(changed) - 1 and after[0] == before[0] and "商讨" in after[2]
    bench.edit(source.id, was["lines"])
    assert [line["text"] for line in bench.segments(source.id)["segments"]] == before


def test_lines_that_somebody_changed_meanwhile_are_left_alone(writing_room: Any) -> None:
    bench = writing_room.bench()
    source = transcript(writing_room, bench)
    made = written(bench, source.id, kind="polish")
    bench.edit(source.id, {0: "別人改过了"})
    assert bench.written.apply(made.id)["n_skipped"] == 1
    assert bench.segments(source.id)["segments"][0]["text"] == "別人改过了"


def test_minutes_title_and_chapters_belong_to_their_transcript(writing_room: Any) -> None:
    bench = writing_room.bench()
    source = transcript(writing_room, bench)
    made = {kind: written(bench, source.id, kind=kind) for kind in ("minutes", "title", "chapters")}
    assert {view.status for view in made.values()} == {"succeeded"}
    assert bench.written.of(source.id) == [made[kind].id for kind in ("chapters", "title", "minutes")]
    bench.written.apply(made["title"].id)
    was = bench.written.apply(made["chapters"].id)
    assert bench.job(source.id).title == "预算周会" and was["chapters"] == []
    assert bench.written.chapters(source.id) == [{"start": 0.0, "title": "开场"}]
    bench.written.set_chapters(source.id, was["chapters"])
    assert bench.written.chapters(source.id) == []


def test_a_long_text_runs_in_rounds_and_survives_a_restart(writing_room: Any) -> None:
    bench = writing_room.bench()
    text = "\n".join(LINES[n % 2].format(n=n + 10) for n in range(600))
    n_before = 0

    def slow(item: Any) -> dict[str, Any]:
        nonlocal n_before
        n_before += 1
        if n_before == 3:
            writing_room.residency.go.clear()
        return answer(item)

    writing_room.engine = slow
    made = bench.written.from_text(text, WriteRequest(kind="summary"), "ann")
    settle(bench, made, lambda view: n_before >= 3)
    state = bench.written.state(made)
    assert state["n_parts"] > 2 and any(ask["done"] and ask["text"] for ask in state["asks"])
    writing_room.close()
    writing_room.open_benches.clear()
    writing_room.engine = answer
    again = writing_room.bench()
    assert again.wait(made, WAIT_S).status == "succeeded"
    result = again.written.result(made)
    assert len(result["parts"]) == state["n_parts"] and {part["state"] for part in result["parts"]} == {"read"}


def test_what_was_stopped_stays_readable_and_goes_on_from_there(writing_room: Any) -> None:
    bench = writing_room.bench()
    text = "\n".join(LINES[n % 2].format(n=n + 10) for n in range(120))
    n_asked = 0

    def stopping(item: Any) -> dict[str, Any]:
        nonlocal n_asked
        n_asked += 1
        if n_asked == 4:
            writing_room.residency.go.clear()
        return answer(item)

    writing_room.engine = stopping
    made = bench.written.from_text(text, WriteRequest(kind="polish"), "ann")
    settle(bench, made, lambda view: n_asked >= 4)
    assert bench.cancel(made).status == "cancelled"
    done = [ask for ask in bench.written.state(made)["asks"] if ask["done"]]
    assert done and all("商讨" in ask["text"] for ask in done)
    writing_room.residency.go.set()
    bench.retry(made)
    assert bench.wait(made, WAIT_S).status == "succeeded"
    assert n_asked < 2 * len(bench.written.result(made)["parts"])


def test_without_text_or_sense_nothing_is_begun(writing_room: Any) -> None:
    bench = writing_room.bench()
    for wish, text, code in (
        (WriteRequest(kind="summary"), "  \n ", "write_empty"),
        (WriteRequest(kind="translate"), "你好", "request_invalid"),
        (WriteRequest(kind="free"), "你好", "request_invalid"),
        (WriteRequest(quality="model:base"), "你好", "request_invalid"),
    ):
        with pytest.raises(JobError) as refused:
            bench.written.from_text(text, wish, "ann")
        assert refused.value.code == code


def test_the_choices_name_a_quick_and_a_careful_model(writing_room: Any) -> None:
    told = writing_room.bench().written.choices()
    assert told["quick"] and told["careful"] and told["pack"] is None
    assert {one["name"] for one in told["models"] if one["installed"]} == {QUICK, CAREFUL}


def test_templates_are_shared_changed_and_removed(writing_room: Any) -> None:
    bench = writing_room.bench()
    made = bench.written.write_template("周报", "一、完成\n二、计划")
    bench.written.write_template("周报 2", "一、完成", made)
    assert bench.written.templates() == [{"id": made, "name": "周报 2", "text": "一、完成"}]
    bench.written.drop_template(made)
    with pytest.raises(NotFound):
        bench.written.drop_template(made)
    with pytest.raises(NotFound):
        bench.written.write_template("x", "y", made)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_results_are_saved_in_every_form(writing_room: Any, language: str) -> None:
    bench = writing_room.bench()
    source = transcript(writing_room, bench)
    words = Words(
        lambda key, **values: Texts(writing_room.root / "assets/texts", strict=True).say(language, key, **values)
    )
    minutes = bench.written.result(written(bench, source.id, kind="minutes").id)
    markdown = saved(minutes, "周会", "md", words).decode()
    assert markdown.startswith("# 周会") and "| 李明 | 下周三 |" in markdown
    with zipfile.ZipFile(io.BytesIO(saved(minutes, "周会", "docx", words))) as file:
        assert "李明" in file.read("word/document.xml").decode()
    assert "李明" in saved(minutes, "周会", "txt", words).decode()
    polished = bench.written.result(written(bench, source.id, kind="polish").id)
    both = saved(polished, "周会", "srt2", words).decode()
    assert re.search(r"00:00:00,000 --> [\d:,]+\n.*商讨.*\n.*讨论", both)
    assert "讨论" not in saved(polished, "周会", "vtt", words).decode().split("\n\n")[1]
    with pytest.raises(JobError):
        saved(minutes, "周会", "srt", words)


def test_an_earlier_database_gets_the_tables(root: Any, tmp_path: Any) -> None:
    history = History(tmp_path / "history.db", root / "history.db-schema")
    history.add_jobs([NewJob("one", "text-generation", "t", {}, QUICK, "f")])
    history.close()


def test_an_answer_to_a_question_that_is_no_longer_asked_is_passed_over() -> None:
    text = "\n".join(LINES[n % 2].format(n=n + 10) for n in range(40))
    setting = Setting(WriteRequest(kind="polish"), of_text(text), count, Sizes(lines=120, most_lines=6))
    first = course_of(setting, {})
    told = [
        ChunkRow("j", c.number, c.start, c.end, c.pieces, "succeeded", 1, 1, answer(first.asks[c.number].item(False)),
                 None, None, None)
        for c in chunks_of(first.asks)
    ]  # fmt: skip
    assert agreed(setting, told).finished
    moved = replace(told[2], pieces=((told[2].pieces[0][0], told[2].pieces[0][1] + 3),))
    course = agreed(setting, [*told[:2], moved, *told[3:]])
    assert not course.finished and len(course.asks) > len(first.asks)
