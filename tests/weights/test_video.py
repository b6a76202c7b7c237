"""BasicVSR with real weights: runs and tiles give what the package makes of a whole clip; wrong files are refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bench.video import Clip, luma, runs, scaled, whole
from engines.base import Place
from engines.catalog import by_name
from engines.errors import EngineError
from engines.intake import video as intake_video
from engines.process import EngineProcess
from engines.requests_video import VideoItem
from engines.video.network import read_network
from engines.video.propagation import Propagation
from engines.video.stream import Stream
from media.limits import MediaLimits
from media.video_facts import VideoFacts
from media.video_index import VideoIndex, read_index
from tests.media.video_made import Odd, made, times_of

pytestmark = [pytest.mark.weights, pytest.mark.filterwarnings("default")]
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
torch = pytest.importorskip("torch", reason="the pack video is not installed")
N_FRAMES = 14


@pytest.fixture(scope="module")
def weights(models_folder: Path) -> Path:
    folder = models_folder / "basicvsr-clean"
    if not (folder / "BasicVSR_REDS4.pth").is_file():
        pytest.skip("no weights of BasicVSR: fetch basicvsr-clean into ROOMTONE_TEST_MODELS")
    from importlib.util import find_spec

    if find_spec("basicsr") is None:
        pytest.skip("the pack video is not installed")
    return folder


@pytest.fixture(scope="module")
def true(media_folder: Path) -> list[Any]:
    """Frames of a real clip, 192 x 160."""
    with av.open(str(media_folder / "video" / "realshort.mp4")) as container:
        found = [f.to_ndarray(format="rgb24") for f, _ in zip(container.decode(video=0), range(N_FRAMES), strict=False)]
    return [np.ascontiguousarray(frame[60:220, 80:272]) for frame in found]


@pytest.fixture(scope="module")
def clip(true: list[Any]) -> list[Any]:
    """The same at a quarter of the size, to be made larger."""
    return [scaled(frame, 0.25) for frame in true]


@pytest.fixture(scope="module")
def package(weights: Path, clip: list[Any]) -> list[Any]:
    """What the package itself makes of the whole clip."""
    torch.set_num_threads(1)
    return whole(read_network(weights / "BasicVSR_REDS4.pth", "BasicVSR"), clip)


def network(weights: Path, kind: Any) -> Propagation:
    return Propagation(read_network(weights / "BasicVSR_REDS4.pth", "BasicVSR"), "cpu", kind)


def nearness(a: list[Any], b: list[Any]) -> float:
    """Returns the lowest PSNR of luma of a pair, in dB."""
    return min(_psnr(x, y) for x, y in zip(a, b, strict=True))


def quality(pictures: list[Any], true: list[Any]) -> float:
    """Returns the mean PSNR of luma, in dB."""
    return float(np.mean([_psnr(x, y) for x, y in zip(pictures, true, strict=True)]))


def _psnr(a: Any, b: Any) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, float(((luma(a) - luma(b)) ** 2).mean()))))


def test_one_run_is_what_the_package_makes_of_it(weights: Path, clip: list[Any], package: list[Any]) -> None:
    assert nearness(runs(network(weights, torch.float32), clip, N_FRAMES), package) > 60


def test_runs_are_within_a_tenth_of_a_decibel_of_the_whole(
    weights: Path, true: list[Any], clip: list[Any], package: list[Any]
) -> None:
    assert quality(runs(network(weights, torch.float32), clip, 7), true) > quality(package, true) - 0.1


def test_halves_cost_at_most_a_twentieth_of_a_decibel(
    weights: Path, true: list[Any], clip: list[Any], package: list[Any]
) -> None:
    assert quality(runs(network(weights, torch.bfloat16), clip, N_FRAMES), true) > quality(package, true) - 0.05


def test_it_is_far_better_than_bicubic(true: list[Any], clip: list[Any], package: list[Any]) -> None:
    assert quality(package, true) > quality([scaled(frame, 4) for frame in clip], true) + 2


def test_tiles_are_nearly_what_the_whole_frame_gives(weights: Path, media_folder: Path, tmp_path: Path) -> None:
    with av.open(str(media_folder / "video" / "realshort.mp4")) as container:
        wide = [
            f.to_ndarray(format="rgb24")[::3, ::3] for f, _ in zip(container.decode(video=0), range(3), strict=False)
        ]
    wide = [np.ascontiguousarray(np.concatenate([frame, frame[:, ::-1]], axis=1)) for frame in wide]
    height, width = wide[0].shape[:2]
    index = VideoIndex(VideoFacts(width, height, (25, 1), (1, 25)), 3, (0,), ((0, 3),))
    net = network(weights, torch.float32)
    with torch.inference_mode():
        parts = Stream(Clip(wide), index, net, height * width * 3_300, 0, tmp_path)
        assert len(parts.tiles) > 1
        in_tiles = [after for _, _, after in parts.made(0, 3)]
        at_once = [after for _, _, after in Stream(Clip(wide), index, net, 1 << 32, 0, tmp_path).made(0, 3)]
    assert nearness(in_tiles, at_once) > 40 and not list(tmp_path.iterdir())


def test_a_video_is_made_sharper_in_a_process(weights: Path, tmp_path: Path) -> None:
    path, folder = made(tmp_path / "video.mp4", Odd(size=(40, 32), n_frames=6, cuts=(3,))), tmp_path / "w"
    order = {"source": str(path), "folder": str(folder), "start": 0.0, "end": None, "scale": 2}
    intake_video.index(order, MediaLimits(), lambda share: None)
    known = read_index(folder)
    assert known is not None
    items = [VideoItem(str(path), str(folder), number, 2) for number in range(len(known.runs))]
    process = EngineProcess.start(by_name("basicvsr-clean"), weights, Place("cpu", "float32", 1))
    try:
        results = process.run(items, lambda at, result: None)
    finally:
        process.close()
    assert sum(result["n_frames"] for result in results) == 6
    join = {"source": str(path), "folder": str(folder), "name": "video.mp4", "n_runs": len(items)}
    result = folder / str(intake_video.join(join, MediaLimits(), lambda share: None)["file"])
    assert times_of(result) == times_of(path)


@pytest.mark.parametrize("change", ["missing", "more", "shape", "none"])
def test_a_file_with_other_weights_is_refused(weights: Path, tmp_path: Path, change: str) -> None:
    told = torch.load(weights / "BasicVSR_REDS4.pth", weights_only=True)
    name = "fusion.weight"
    if change == "missing":
        del told["params"][name]
    elif change == "more":
        told["params"]["another"] = torch.zeros(1)
    elif change == "shape":
        told["params"][name] = torch.zeros(1)
    torch.save({} if change == "none" else told, tmp_path / "other.pth")
    with pytest.raises(EngineError, match="weights_damaged"):
        read_network(tmp_path / "other.pth", "BasicVSR")
