"""Cuts are found by what is seen, not by how bright it is; a swung camera is no cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from media.video_scenes import SMALL, SceneFinder


def scene(seed: int) -> Any:
    """A smooth wide picture; all scenes are equally bright and equally rich in contrast."""
    noise = np.random.default_rng(seed).normal(size=(9, 40))
    rows, columns = np.arange(72) * 8 // 72, np.arange(320) * 39 // 320
    wide = noise[rows][:, columns]
    for axis in (0, 1):
        wide = sum(np.roll(wide, at, axis) for at in range(-4, 5)) / 9
    order = np.argsort(np.argsort(wide, axis=None)).reshape(wide.shape)
    return (order * 255 // order.size).astype(np.uint8)


def seen(wide: Any, at: int) -> Any:
    """What a camera sees that looks at column ``at``."""
    width, height = SMALL
    return wide[10 : 10 + height, at : at + width]


def found(pictures: list[Any]) -> list[int]:
    finder = SceneFinder()
    return [at for at, picture in enumerate(pictures) if finder.feed(picture)]


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_between_scenes_of_equal_light_is_found(seed: int) -> None:
    one, other = scene(seed), scene(seed + 50)
    assert found([seen(one, n) for n in range(10)] + [seen(other, n) for n in range(10)]) == [0, 10]


@pytest.mark.parametrize("columns", [2, 4, 7])
def test_a_camera_that_is_swung_makes_no_cut(columns: int) -> None:
    wide = scene(1)
    assert found([seen(wide, 0)] * 10 + [seen(wide, columns * n) for n in range(1, 30)]) == [0]
