"""Reading aloud: scripts, takes, what was heard, papers, and whole jobs with a model that hums."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import catalog
from engines.intake import speech
from engines.requests_speaking import AloudRequest, SoundsItem, SpeakItem
from media.limits import MediaLimits
from media.sound_file import write_window
from media.spoken import RATE
from tests.workbench.conftest import FakeIntake, Room, say
from workbench.core import Workbench
from workbench.errors import JobError, NotFound
from workbench.history.rows import ChunkRow
from workbench.reading_aloud.comparing import compare
from workbench.reading_aloud.papers import read_paper
from workbench.reading_aloud.script import Script, chunks_of, of_lines, of_text, read
from workbench.reading_aloud.takes import best_of, takes_of
from workbench.tasks.aloud import ROUND, AloudWork, check

TEXT = "今天下午三点开会。请大家带上预算表。\n\n我们会讨论新的项目，时间大约一个小时。"


def spoken(item: Any) -> dict[str, Any]:
    """Hums for a twentieth of a second a sign; sounds are the letters themselves."""
    if isinstance(item, SoundsItem):
        return {"sounds": item.text}
    if not isinstance(item, SpeakItem):
        return say(item)
    n_samples = round(0.05 * len(item.text) * RATE)
    Path(item.target).parent.mkdir(parents=True, exist_ok=True)
    write_window(Path(item.target), np.full((n_samples, 1), 0.1, np.float32))
    length = n_samples / RATE
    return {
        "file": Path(item.target).name,
        "audio_s": length,
        "speech_s": length,
        "loudness": -19.0,
        "sounds": item.text,
    }


class JoiningIntake(FakeIntake):
    """Joins sentences in this process."""

    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        return speech.join(order, limits, on_share)


@pytest.fixture
def bench(room: Room) -> Workbench:
    """A workbench whose speaking models need no pack."""
    models = tuple(replace(spec, needs=()) for spec in catalog.MODELS)
    known = {spec.name: spec for spec in models}
    room.catalog = SimpleNamespace(
        MODELS=models, by_name=lambda name: known[name], for_quality=catalog.for_quality, of_task=catalog.of_task
    )
    room.store.there |= {"kokoro", "hibari"}
    room.engine = spoken
    room.intake_of = JoiningIntake
    return room.bench()


def read_aloud(bench: Workbench, text: str = TEXT, **request: Any) -> str:
    job_id = bench.aloud.submit(of_text(text), "", AloudRequest(**request), "ann")
    assert bench.wait(job_id, 20).status == "succeeded"
    return job_id


def test_a_text_becomes_sentences_and_a_file(bench: Workbench) -> None:
    job_id = read_aloud(bench)
    told = bench.aloud.sentences(job_id)
    assert [one["text"] for one in told["sentences"]] == [
        "今天下午三点开会。",
        "请大家带上预算表。",
        "我们会讨论新的项目，时间大约一个小时。",
    ]
    assert told["voice"] == "zf_xiaobei" and told["complete"]
    assert [one["paragraph"] for one in told["sentences"]] == [False, False, True]
    assert told["sentences"][1]["start"] == pytest.approx(told["sentences"][0]["end"], abs=0.01)
    path, media_type = bench.aloud.file(job_id, "mp3")
    assert path.stat().st_size > 1000 and media_type == "audio/mpeg"
    assert bench.job(job_id).title == "今天下午三点开会。请大家带上预算表。"


def test_another_kind_of_file_is_made_when_somebody_wants_it(bench: Workbench) -> None:
    job_id = read_aloud(bench)
    path, media_type = bench.aloud.file(job_id, "wav")
    assert path.read_bytes()[:4] == b"RIFF" and media_type == "audio/wav"
    with pytest.raises(NotFound):
        bench.aloud.file(job_id, "exe")


def test_one_sentence_is_spoken_anew_and_the_others_stay(bench: Workbench, room: Room) -> None:
    job_id = read_aloud(bench)
    n_runs = len(room.residency.batches)
    before = bench.aloud.sentences(job_id)["sentences"]
    wav = bench.aloud.file(job_id, "wav")[0].stat().st_size
    bench.aloud.again(job_id, 1, "请大家带上二零二六年的预算表。")
    assert bench.wait(job_id, 20).status == "succeeded"
    again = [item for batch in room.residency.batches[n_runs:] for item in batch]
    assert [item.text for item in again] == ["请大家带上二零二六年的预算表。"]
    after = bench.aloud.sentences(job_id)["sentences"]
    assert after[1]["text"] == "请大家带上二零二六年的预算表。" and after[0] == before[0]
    assert after[2]["start"] > before[2]["start"]
    assert bench.aloud.file(job_id, "wav")[0].stat().st_size > wav


def test_a_running_job_is_not_changed_and_nonsense_is_not_spoken(bench: Workbench, room: Room) -> None:
    room.residency.go.clear()
    job_id = bench.aloud.submit(of_text(TEXT), "", AloudRequest(), "ann")
    with pytest.raises(JobError, match="aloud_running"):
        bench.aloud.again(job_id, 0)
    room.residency.go.set()
    bench.wait(job_id, 20)
    with pytest.raises(JobError, match="aloud_nothing"):
        bench.aloud.again(job_id, 0, "...")
    with pytest.raises(NotFound):
        bench.aloud.again(job_id, 77)


def test_a_dropped_word_is_found_spoken_again_and_listed(bench: Workbench, room: Room) -> None:
    """The recogniser never hears the second half of the second sentence."""
    n_spoken: dict[str, int] = {}

    def engine(item: Any) -> dict[str, Any]:
        if isinstance(item, SpeakItem):
            n_spoken[item.text] = n_spoken.get(item.text, 0) + 1
        if isinstance(item, (SpeakItem, SoundsItem)):
            return spoken(item)
        text = heard.pop(0)
        return say(item, "Abcdefghi" if text.startswith("Abcdefghi") else text)

    texts = [
        "The first one is fine and whole. ",
        "Abcdefghi jklmnop qrstuvwxyz stuvw. ",
        "The third one is fine as well.",
    ]
    heard = [text.strip() for text in texts] + ["Abcdefghi"] * 8
    room.engine = engine
    job_id = read_aloud(bench, "".join(texts), check=True, voice="af_heart")
    told = bench.aloud.sentences(job_id)
    assert [one.get("doubt") for one in told["sentences"]] == ["", "missing", ""]
    assert n_spoken[texts[1].strip()] == 3 and n_spoken[texts[0].strip()] == 1
    notes = {note["code"]: note["values"] for note in bench.job(job_id).notes}
    assert notes["aloud_doubtful"] == {"n": 1, "sentences": [1]}


def test_a_voice_that_knows_no_chinese_is_not_given_any(bench: Workbench) -> None:
    with pytest.raises(JobError, match="aloud_english_only"):
        bench.aloud.submit(of_text(TEXT), "", AloudRequest("heart"), "ann")
    assert read_aloud(bench, "This one is fine for it.", voice="heart")


def test_the_pronunciation_list_goes_with_the_job(bench: Workbench, room: Room) -> None:
    bench.aloud.set_word("EBITDA", "税前利润")
    bench.aloud.set_word("ebitda", "利润")
    assert bench.aloud.words() == [{"written": "ebitda", "spoken": "利润"}]
    job_id = read_aloud(bench)
    assert bench.job(job_id).request["words"] == [["ebitda", "利润"]]
    bench.aloud.set_word("EBITDA", "")
    assert bench.aloud.words() == []


def test_a_restart_goes_on_after_the_sentences_that_are_spoken(bench: Workbench, room: Room) -> None:
    def stops(item: Any) -> dict[str, Any]:
        if isinstance(item, SpeakItem) and "预算" in item.text:
            room.residency.go.clear()
        return spoken(item)

    room.engine = stops
    job_id = bench.aloud.submit(of_text(TEXT), "", AloudRequest(), "ann")
    with bench.watch([job_id]) as changes:
        while len(room.history.chunks(job_id)) < 3 or room.history.chunks(job_id)[1].status != "succeeded":
            changes.wait(5)
    bench.close()
    room.open_benches.clear()
    room.engine = spoken
    again = room.bench()
    assert again.wait(job_id, 20).status == "succeeded"
    assert [item.text for batch in room.residency.batches for item in batch] == [
        "我们会讨论新的项目，时间大约一个小时。"
    ]


def test_subtitles_keep_their_times() -> None:
    script = of_lines([(1.0, 2.0, "第一句字幕"), (4.0, 6.5, "第二句\n字幕"), (7, 8, "♪♪")])
    assert script.text == "第一句字幕\n第二句 字幕\n" and len(script.cues) == 2
    chunks = chunks_of(script, 200, in_time=True)
    assert [script.text[int(c.start) : int(c.end)].strip() for c in chunks] == ["第一句字幕", "第二句 字幕"]


def test_a_script_survives_its_file(tmp_path: Path) -> None:
    script = of_lines([(1.0, 2.0, "你好 world")])
    (tmp_path / "source").write_bytes(script.to_bytes())
    assert read(tmp_path / "source") == script
    (tmp_path / "source").write_bytes(b"RIFF")
    with pytest.raises(JobError, match="aloud_not_a_text"):
        read(tmp_path / "source")


def test_papers_of_every_kind_are_read() -> None:
    from docx import Document

    assert read_paper("a.txt", "你好，世界".encode("gb18030")).text == "你好，世界"
    assert read_paper("a.TXT", "你好".encode("utf-16")).text == "你好"
    srt = "1\n00:00:01,000 --> 00:00:02,500\n大家好\n\n2\n00:00:03,000 --> 00:00:04,000\nHello <i>all</i>\n"
    script = read_paper("a.srt", srt.encode())
    assert [(cue.start_s, cue.end_s) for cue in script.cues] == [(1.0, 2.5), (3.0, 4.0)] and "<i>" not in script.text
    document, target = Document(), BytesIO()
    document.add_paragraph("第一段。")
    document.add_table(1, 2).cell(0, 0).text = "单元格"
    document.save(target)
    assert read_paper("a.docx", target.getvalue()).text == "第一段。\n单元格，"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "aloud_file_kind"),
        ("a.docx", b"PK\x03\x04", "aloud_file_damaged"),
        ("a.txt", b"\xff\xfe", "aloud_nothing"),
        ("a.srt", b"no times here", "aloud_file_damaged"),
        ("a.txt", b"...", "aloud_nothing"),
    ],
)
def test_papers_that_hold_nothing_are_refused_in_plain_words(name: str, content: bytes, code: str) -> None:
    with pytest.raises(JobError) as refused:
        read_paper(name, content)
    assert refused.value.code == code or (code == "aloud_file_damaged" and refused.value.code == "aloud_nothing")


@pytest.mark.parametrize("wrong", [{"voice": "nobody"}, {"speed": 9.0}, {"cut": 401}, {"format": "exe"}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(JobError) as refused:
        check(AloudRequest.from_dict({"voice": "af_heart", **wrong}))
    assert refused.value.values["field"] == next(iter(wrong))


def test_a_request_survives_its_stored_shape() -> None:
    asked = AloudRequest("zf_xiaobei", 1.25, 100, (("a", "b"),), True, "opus", True)
    assert AloudWork().request(json.loads(json.dumps(asked.to_dict()))) == asked


MEANT = "ʨi→ntʰjɛ→nɕja↘u↓ sa→ntjɛ↓n, wo↓mən ʦai↘ xwei↘i↘ʂɨ↘ kʰai→xwei↘."


def test_the_same_sounds_in_other_marks_are_the_same() -> None:
    assert compare(MEANT, MEANT.replace("↘", "↗").replace(" ", "").replace(",", "")) == (0.0, "")
    assert compare("həlˈO wˈɜɹld", "həlO wɜɹld") == (0.0, "")


def test_a_word_that_nobody_heard_is_missing_and_one_said_twice_is_doubled() -> None:
    assert compare(MEANT, MEANT.replace("xwei↘i↘ʂɨ↘ ", "")).doubt == "missing"
    assert compare(MEANT, MEANT.replace("xwei↘i↘ʂɨ↘", "xwei↘i↘ʂɨ↘ xwei↘i↘ʂɨ↘")).doubt == "doubled"
    assert compare(MEANT, "").doubt == "missing" and compare("", "").doubt == ""
    assert compare("abcdefgh", "xbydzfwh").doubt == "different"


def chunk(number: int, name: str = "a") -> ChunkRow:
    result = {"file": name, "audio_s": 1.0, "speech_s": 0.9, "sounds": "x"}
    return ChunkRow("j", number, 0.0, 9.0, ((0.0, 9.0),), "succeeded", 1, 1, result, None, None, None)


def test_the_take_without_doubt_is_kept_else_the_one_understood_best() -> None:
    first, second, third = takes_of([chunk(0, "first"), chunk(ROUND, "second"), chunk(2 * ROUND, "third")])
    assert [take.sentence for take in (first, second, third)] == [0, 0, 0]
    bad, better = replace(first, doubt="missing", wrong=0.5), replace(second, doubt="different", wrong=0.35)
    assert best_of([bad, better]) == [better]
    assert best_of([bad, better, third]) == [third]


def test_a_piece_of_a_script_is_what_is_spoken() -> None:
    assert Script("你好").cues == ()
    with pytest.raises(JobError, match="aloud_too_long"):
        of_text("长" * 1_000_001)
