"""Voices compared: errors over all pairs of real recordings, short and noisy ones, names, and CAM++'s own features.

    python bench/voices.py --models FOLDER --media FOLDER [--quick] [--kaldi FILE]

Needs the pack of speakers. ``media/speakers`` holds a folder for each person, ``media/speakers_zh`` files with ``_a_``
or ``_b_`` in their names. Pairs are of one language, as pairs of two would only make the figures better. "At the limit"
is the default rule for 1 in 1,000 (``media/likeness.py``), no figure of which was chosen by the speakers of a pair.
``--kaldi`` names torchaudio's ``compliance/kaldi.py`` (out of its wheel; the file alone needs torch only): modelscope's
own model class, which its pipeline calls, computes its features with that, and the embeddings of both are compared.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from engines.speakers.campplus import Campplus
from media.clarity import clearness_db
from media.likeness import Answer, Heard, Rule, answer, mean, named

RATE = 16_000
NO_COHORT = np.zeros((0, 192), np.float32)
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A recording and who speaks in it."""

    who: str
    language: str
    sound: Floats
    heard: Heard


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="four clips of each person")
    parser.add_argument("--kaldi", type=Path, help="torchaudio's compliance/kaldi.py")
    told = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    weights = told.models / "campplus" / "campplus_cn_en_common.pt"
    campplus = Campplus(weights, "cpu")
    sounds = read(told.media, 4 if told.quick else 99)
    clips = [Clip(who, language, sound, heard(campplus, sound)) for who, language, sound in sounds]
    for language in ("en", "zh"):
        some = [clip for clip in clips if clip.language == language]
        tell(f"{language} whole clips", some, some)
    tell("all whole clips", clips, clips)
    for length in (3, 5, 10):
        enough = [clip for clip in clips if len(clip.sound) >= length * RATE]
        cut = changed(campplus, enough, lambda sound, n=length * RATE: sound[:n])  # type: ignore[misc]
        tell(f"whole against {length} s", clips, cut)
        tell(f"{length} s against {length} s", cut, cut)
    for db in (20, 10, 5, 0):
        tell(f"whole against noise at {db} dB", clips, changed(campplus, clips, lambda sound, db=db: noisy(sound, db)))  # type: ignore[misc]
    names(clips)
    if told.kaldi:
        print(
            f"modelscope's own model: embeddings differ by at most {theirs(campplus, weights, told.kaldi, clips):.2e}"
        )


def read(media: Path, most: int) -> list[tuple[str, str, Floats]]:
    """Returns ``(who, language, sound)`` of the recordings, ``most`` of each person."""
    found = []
    for folder in sorted(path for path in (media / "speakers").iterdir() if path.is_dir()):
        found += [(folder.name, "en", decoded(path)) for path in sorted(folder.iterdir())[:most]]
    for path in sorted((media / "speakers_zh").glob("*.wav")):
        found.append((path.stem.rsplit("_", 1)[0], "zh", decoded(path)))
    return found


def decoded(path: Path) -> Floats:
    """Returns a recording as 16 kHz mono in -1 to 1."""
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(path)) as file:
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    frames += resampler.resample(None)
    joined = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return joined.astype(np.float32) / np.float32(32768)


def heard(campplus: Campplus, sound: Floats) -> Heard:
    """Returns the voice of a recording of one person."""
    return Heard(campplus.embed([sound])[0], len(sound) / RATE, clearness_db(sound))


def changed(campplus: Campplus, clips: Sequence[Clip], change: Callable[[Floats], Floats]) -> list[Clip]:
    """Returns the clips with another sound."""
    made = [(clip, change(clip.sound)) for clip in clips]
    return [Clip(clip.who, clip.language, sound, heard(campplus, sound)) for clip, sound in made]


def noisy(sound: Floats, db: float) -> Floats:
    """Returns a sound with white noise so many dB below it."""
    noise = np.random.default_rng(len(sound)).standard_normal(len(sound)).astype(np.float32)
    level = float(np.sqrt((sound**2).mean() / 10 ** (db / 10) / (noise**2).mean()))
    return np.asarray(sound + level * noise, np.float32)


def tell(title: str, first: Sequence[Clip], second: Sequence[Clip]) -> None:
    """Prints one line: errors over all pairs of two sets, and what is said of them."""
    pairs = [(a, b) for a, b in _pairs(first, second) if a.language == b.language]
    found = [(a.who == b.who, answer(a.heard, b.heard, NO_COHORT, Rule())) for a, b in pairs]
    same = np.array([one.score for is_same, one in found if is_same])
    different = np.array([one.score for is_same, one in found if not is_same])
    limit = Rule().same_from()
    refused, accepted = 100 * float((same < limit).mean()), 100 * float((different >= limit).mean())
    print(
        f"{title:<30} pairs {len(same):>4} same {len(different):>5} different   equal error rate"
        f" {100 * equal_error(same, different):5.2f} %   at the limit: refused {refused:5.2f} %,"
        f" accepted {accepted:5.2f} %   {said(found)}   same {same.mean():.3f} ±"
        f" {same.std():.3f} from {same.min():.3f}, different {different.mean():.3f} ± {different.std():.3f}"
        f" to {different.max():.3f}"
    )


def said(found: Sequence[tuple[bool, Answer]]) -> str:
    """Returns how many answers are wrong, and how many pairs nothing is said of."""
    wrong = sum(one.says == ("different" if is_same else "same") for is_same, one in found)
    unsure = sum(one.says == "unsure" for _, one in found)
    return f"wrong answers {wrong}, cannot say {100 * unsure / len(found):.1f} %"


def equal_error(same: npt.NDArray[Any], different: npt.NDArray[Any]) -> float:
    """Returns the rate at which as many of one kind are taken for the other as the other way round."""
    limits = np.concatenate((same, different, [same.max() + 1]))
    return min(max(float((same < at).mean()), float((different >= at).mean())) for at in limits)


def names(clips: Sequence[Clip]) -> None:
    """Prints how clips are named when each person is known from three others; each person is a stranger once, too."""
    of: dict[str, list[Clip]] = {}
    for clip in clips:
        of.setdefault(clip.who, []).append(clip)
    known = {who: [mean([one.heard for one in some[:3]])] for who, some in of.items() if len(some) > 3}
    right = wrong = unknown = strangers = called = 0
    for who, some in of.items():
        for clip in some[3:] if who in known else some:
            for left_out in (False, True):
                names_here = [name for name in known if not (left_out and name == who)]
                found = named([clip.heard], [known[name] for name in names_here], NO_COHORT, Rule(), 0.0)[0]
                if who not in names_here:
                    strangers, called = strangers + 1, called + (found is not None)
                elif found is None:
                    unknown += 1
                else:
                    is_right = names_here[found[0]] == who
                    right, wrong = right + is_right, wrong + (not is_right)
    print(f"names: right {right}, wrong {wrong}, left unknown {unknown}; strangers {strangers}, named {called}")


def theirs(campplus: Campplus, weights: Path, kaldi: Path, clips: Sequence[Clip]) -> float:
    """Returns the largest difference of any value between our embeddings and those of modelscope's own model class,
    which its pipeline calls and which computes its features with torchaudio's ``kaldi.fbank``."""
    sys.modules["torchaudio.compliance.kaldi"] = sys.modules["torchaudio.compliance"].kaldi = _loaded(kaldi)  # type: ignore[attr-defined]
    from modelscope.models.audio.sv import DTDNN

    DTDNN.Kaldi = sys.modules["torchaudio.compliance.kaldi"]
    config = {"fbank_dim": 80, "emb_size": 192, "sample_rate": RATE}
    model = DTDNN.SpeakerVerificationCAMPPlus(
        str(weights.parent), config, device="cpu", pretrained_model=weights.name, yesOrno_thr=0.31
    )
    worst = 0.0
    for clip in clips:
        made = model(clip.sound)[0].numpy()
        worst = max(worst, float(np.abs(made / np.linalg.norm(made) - campplus.embed([clip.sound])[0]).max()))
    return worst


def _loaded(kaldi: Path) -> Any:
    """Loads kaldi.py without the rest of torchaudio, which it imports and does not use for this."""
    package = types.ModuleType("torchaudio")
    package.__dict__["_extension"] = types.SimpleNamespace(fail_if_no_align=None)
    held: Mapping[str, Any] = {name: sys.modules.pop(name, None) for name in ("torchaudio",)}
    sys.modules["torchaudio"] = package
    spec = importlib.util.spec_from_file_location("kaldi_of_torchaudio", kaldi)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if held["torchaudio"] is not None:
        sys.modules["torchaudio"] = held["torchaudio"]
    return module


def _pairs(first: Sequence[Clip], second: Sequence[Clip]) -> list[tuple[Clip, Clip]]:
    if first is second:
        return [(a, b) for at, a in enumerate(first) for b in first[at + 1 :]]
    # A clip is not compared with a part of itself: both lists are in the same order, some left out.
    return [(a, b) for a in first for b in second if not _is_part(a, b)]


def _is_part(whole: Clip, part: Clip) -> bool:
    n = min(len(whole.sound), len(part.sound), RATE)
    return whole.who == part.who and float(np.corrcoef(whole.sound[:n], part.sound[:n])[0, 1]) > 0.3


if __name__ == "__main__":
    main()
