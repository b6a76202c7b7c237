"""What each kind of model is measured with: made work of the size that real work has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import ModelSpec, Place, Task
from engines.requests_speaking import SpeakItem
from engines.requests_video import VideoItem
from engines.requests_writing import TranslateItem, WriteItem
from engines.speaking.reference import FACTS, SOUND
from engines.speaking.voices import VOICES
from media.audio import wav_header
from media.spoken import RATE
from workbench.machine import calibration_plan as plan
from workbench.machine.calibration_sound import prepare
from workbench.machine.calibration_video import SIDES, make_video
from workbench.tasks.catalog import WORKS
from workbench.tasks.video import UNIT
from workbench.tasks.work import Told

ONE_BY_ONE = (1, 2)
"""Batches of models that take one item after another: the second shows that nothing is gained or lost."""
_WRITE_TOKENS = 48
_ASKED = (
    "今天的会议讨论了三件事。第一，新办公室的租约下个月到期，房东希望把租金提高百分之五，大家认为可以接受，"
    "但要求对方修好空调。第二，客户反映上周交付的报告里有两处数字不一致，由李工在周四以前核对并重新发送。"
    "第三，年会定在十二月二十日，预算八万元，由行政部门先看三家场地，下周二给出比较。"
    "最后，大家同意每周一上午十点开短会，每人不超过三分钟。"
)
_SENTENCES = {
    "zh": "会议定在星期二上午十点，请大家提前把上个月的数字准备好，并且带上打印的材料。",
    "en": "The meeting is on Tuesday at ten, so please have the figures of last month ready and bring them on paper.",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """``items(size, run)`` gives a batch, another one for each ``run``; ``work`` is how much one item is, in the unit
    of its task (seconds of sound, signs of a text, 100,000 pixels of a video).

    ``sound`` is ``recording`` for the office's own, else ``made``. Where ``whole`` is False, real items may be larger,
    and memory is never taken to be less than the catalog's guess.
    """

    sizes: tuple[int, ...]
    work: float
    items: Callable[[int, int], list[Any]]
    sound: str = "made"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """Where the sound comes from: a folder of our own, and what tells the decoded file of the newest recording that is
    at least so many seconds long.
    """

    folder: Path
    newest: Callable[[float], Path | None]


def trial_of(spec: ModelSpec, place: Place, limit: int | None, sound: Sound) -> Trial:
    """Returns what a model is measured with; ``limit`` is the largest batch that is known to fit, if any is."""
    if spec.task == Task.WRITE:
        return _writing() if spec.pair is None else _translating()
    if spec.task == Task.ALOUD:
        return _aloud(spec, sound.folder)
    if spec.task == Task.VIDEO:
        return _video(sound.folder)
    return _hearing(spec, plan.sizes(place.device, limit), sound)


def _hearing(spec: ModelSpec, sizes: tuple[int, ...], sound: Sound) -> Trial:
    needed_s = max(sizes) * plan.ITEM_S
    pcm, real = prepare(sound.folder, sound.newest(needed_s), needed_s)
    work = WORKS[spec.task]

    def items(size: int, run: int) -> list[Any]:
        pieces = [((at * plan.ITEM_S, (at + 1) * plan.ITEM_S),) for at in range(size)]
        return [work.item(Told(work.request({}), pcm, piece, "en", None)) for piece in pieces]

    return Trial(sizes, plan.ITEM_S, items, "recording" if real else "made", whole=True)


def _writing() -> Trial:
    def items(size: int, run: int) -> list[Any]:
        # Each question begins otherwise: what a model remembers of the one before must not help it.
        asked = [(("system", f"{run}.{at} 你是会议秘书。"), ("user", f"用三句话总结：{_ASKED}")) for at in range(size)]
        return [WriteItem(messages, _WRITE_TOKENS, seed=0) for messages in asked]

    return Trial(ONE_BY_ONE, float(len(_ASKED)), items)


def _translating() -> Trial:
    lines = tuple((f"{sentence}。",) for sentence in _ASKED.split("。") if sentence)

    def items(size: int, run: int) -> list[Any]:
        return [TranslateItem(lines) for _ in range(size)]

    return Trial(ONE_BY_ONE, float(len(_ASKED)), items)


def _aloud(spec: ModelSpec, folder: Path) -> Trial:
    # A model that has no voice of its own speaks with that of a recording, whatever is heard in it.
    voice = next((one for one in VOICES if one.model == spec.name), None)
    text = _SENTENCES["zh" if voice is not None and voice.language == "zh" else "en"]
    folder.mkdir(parents=True, exist_ok=True)
    reference = "" if voice is not None else str(_reference(folder / "voice"))

    def items(size: int, run: int) -> list[Any]:
        name = voice.name if voice is not None else ""
        return [SpeakItem(text, name, str(folder / f"spoken{at}"), reference=reference) for at in range(size)]

    return Trial(ONE_BY_ONE, float(len(text)), items)


def _reference(folder: Path) -> Path:
    """Writes ten seconds of soft noise as a recording to speak with."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(1).normal(0, 500, 10 * RATE).astype("<i2")
    (folder / SOUND).write_bytes(wav_header(len(noise), RATE) + noise.tobytes())
    (folder / FACTS).write_text(json.dumps({"text": _SENTENCES["en"], "ends_on": None}), encoding="utf-8")
    return folder


def _video(folder: Path) -> Trial:
    video = make_video(folder / "video")
    width, height, n_frames = SIDES

    def items(size: int, run: int) -> list[Any]:
        return [VideoItem(str(video), str(video.parent), 0) for _ in range(size)]

    return Trial((1,), width * height * n_frames / UNIT, items)
