"""Noise removal compared: quality against the clean sound, CPU time, the seam after a restart, words before and after.

    python bench/sound.py [--media FOLDER] [--models FOLDER] [--quick] [--words]

Ours is the engine as jobs use it, in windows of 20 s that are cross-faded; the reference is DeepFilterNet3's own
library called on the whole sound at once. Both run in turn, and CPU time is that of the process. ``media/enhance``
holds pairs of noisy and clean speech; more pairs are mixed from ``media/speakers`` with white noise, pink noise and the
noise of the pairs. Gain is SI-SDR (dB) over the noisy sound; STOI and PESQ are counted where pystoi and pesq are
installed. The seam is what a stream that begins anew differs by from one that heard all. ``--words`` lets Whisper base
write down clips with known words as they came, cleaned, and mixed half and half.
"""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from engines.base import Place
from engines.catalog import by_name
from engines.denoise import LATE, RATE, DenoiseEngine
from engines.requests import SoundItem
from engines.store.folder import inside
from media.crossfade import Window, joined
from media.sound_file import OVERLAP_S, SOUND, SoundWriter, read_sound, to_int16, window_name
from workbench.tasks.sound import WINDOWS_S

Floats = npt.NDArray[np.float32]
HEARD = 16_000
SEAM_AT_S, SEAM_FOR_S = 120, 10


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Speech with noise and without, 48 kHz."""

    kind: str
    noisy: Floats
    clean: Floats


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="the real pairs only, and one clip of each person")
    parser.add_argument("--words", action="store_true", help="count words that come out wrong too")
    told = parser.parse_args()
    engine = loaded()
    pairs = [*real_pairs(told.media), *mixed(told.media, 1 if told.quick else 4)]
    quality(engine, pairs)
    seam(engine, told.media)
    if told.words:
        words(engine, told.media, told.models / "base")


def loaded() -> DenoiseEngine:
    """Returns the engine, ready."""
    spec, engine = by_name("deepfilternet3"), DenoiseEngine()
    engine.load(spec, next(iter(inside(spec.inside or ""))), Place("cpu", "float32", 1))
    return engine


def quality(engine: DenoiseEngine, pairs: Sequence[Pair]) -> None:
    """Prints gain, STOI and PESQ of both sides for each kind of pair, and the CPU time of all."""
    seconds, spent = 0.0, {"ours": 0.0, "reference": 0.0}
    scores: dict[tuple[str, str], list[list[float]]] = {}
    for number, pair in enumerate(pairs):
        sides: list[tuple[str, Callable[[], Floats]]] = [
            ("ours", lambda pair=pair: ours(engine, pair.noisy)),  # type: ignore[misc]
            ("reference", lambda pair=pair: reference(engine, pair.noisy)),  # type: ignore[misc]
        ]
        for name, side in sides if number % 2 else sides[::-1]:
            begun = time.process_time()
            made = side()
            spent[name] += time.process_time() - begun
            scores.setdefault((pair.kind, name), []).append(scored(made, pair))
        scores.setdefault((pair.kind, "as it came"), []).append(scored(pair.noisy, pair))
        seconds += len(pair.noisy) / RATE
    print(f"{'':34s} SI-SDR dB     STOI     PESQ")
    for (kind, name), some in sorted(scores.items()):
        told = "  ".join(f"{value:7.3f}" for value in np.mean(some, axis=0))
        print(f"{kind:20s} {name:12s}  {told}  ({len(some)} clips)")
    for kind in sorted({kind for kind, _ in scores}):
        gains = {
            name: float(
                np.mean([row[0] for row in scores[kind, name]])
                - np.mean([row[0] for row in scores[kind, "as it came"]])
            )
            for name in spent
        }
        print(f"gain {kind:20s} ours {gains['ours']:.2f} dB   reference {gains['reference']:.2f} dB")
    for name, cpu_s in spent.items():
        print(f"{name:10s} {cpu_s:6.1f} s of CPU for {seconds:.0f} s of sound, {cpu_s / seconds:.3f} of real time")
    print(f"ratio of CPU time {spent['ours'] / spent['reference']:.3f}")


def ours(engine: DenoiseEngine, sound: Floats) -> Floats:
    """Returns what a job makes of a mono sound: windows through the engine, joined."""
    with tempfile.TemporaryDirectory() as name:
        folder, n_samples, length = Path(name), len(sound), round(WINDOWS_S["denoise"] * RATE)
        with SoundWriter(folder, RATE, 1) as writer:
            writer.write(to_int16(sound[:, None]))
            writer.finish(False)
        windows = [Window(n, at, min(at + length, n_samples)) for n, at in enumerate(range(0, n_samples, length))]
        for window in windows:
            engine.run([SoundItem(str(folder / SOUND), window.number, window.start / RATE, window.end / RATE)], _quiet)
        if engine._filling is not None:
            # The network for the next sound is made beside this one; its time belongs here.
            engine._filling.join()

        def read(window: Window) -> Floats:
            stop = min(window.end + round(OVERLAP_S * RATE), n_samples)
            return read_sound(folder / window_name(window.number), 1, 0, stop - window.start)

        return np.concatenate(list(joined(windows, read)))[:, 0]


def reference(engine: DenoiseEngine, sound: Floats) -> Floats:
    """Returns what the library makes of the whole sound at once."""
    assert engine._make is not None
    padded = np.concatenate([sound, np.zeros(LATE + -(len(sound) + LATE) % 480, np.float32)])
    return engine._make().process(padded)[LATE : LATE + len(sound)]


def _quiet(index: int, result: object) -> None:
    pass


def scored(made: Floats, pair: Pair) -> list[float]:
    """Returns SI-SDR, STOI and PESQ (wide band); nan where the package is not installed."""
    stoi = pesq = float("nan")
    clean, heard = resampled(pair.clean), resampled(made)
    if importlib.util.find_spec("pystoi"):
        from pystoi import stoi as stoi_of

        stoi = float(stoi_of(clean, heard, HEARD))
    if importlib.util.find_spec("pesq"):
        from pesq import pesq as pesq_of

        pesq = float(pesq_of(HEARD, clean, heard, "wb"))
    return [si_sdr(made, pair.clean), stoi, pesq]


def si_sdr(made: Floats, clean: Floats) -> float:
    """Returns the scale-invariant signal to distortion ratio in dB (Le Roux et al., 2019)."""
    made, clean = made - made.mean(), clean - clean.mean()
    target = float(made @ clean) / float(clean @ clean) * clean
    return float(10 * np.log10((target**2).sum() / ((made - target) ** 2).sum()))


def seam(engine: DenoiseEngine, media: Path) -> None:
    """Prints by how much a stream that begins anew differs from one that heard all, over the seconds after it."""
    people = np.concatenate([sound for sound, _ in people_of(media, 9)])
    people = np.resize(people, (SEAM_AT_S + SEAM_FOR_S + 2) * RATE)
    rng = np.random.default_rng(1)
    pairs = np.concatenate([pair.noisy for pair in real_pairs(media)])
    worst = -200.0
    for name, sound in (
        ("real noise", np.resize(pairs, len(people))),
        ("white noise", people + rng.normal(0, 0.01, len(people)).astype(np.float32)),
    ):
        with tempfile.TemporaryDirectory() as folder_name:
            path = Path(folder_name) / SOUND
            with SoundWriter(path.parent, RATE, 1) as writer:
                writer.write(to_int16(sound[:, None]))
                writer.finish(False)
            item = SoundItem(str(path), 0, float(SEAM_AT_S), float(SEAM_AT_S + SEAM_FOR_S))
            engine._forget(str(path))
            engine.run([item], _quiet)
            anew = read_sound(path.parent / window_name(0), 1, 0, SEAM_FOR_S * RATE)[:, 0]
        whole = reference(engine, to_int16(sound[:, None])[:, 0].astype(np.float32) / 32768)
        there = whole[SEAM_AT_S * RATE : (SEAM_AT_S + SEAM_FOR_S) * RATE]
        error = float(20 * np.log10(np.sqrt(((anew - there) ** 2).mean()) / np.sqrt((whole**2).mean()) + 1e-9))
        worst = max(worst, error)
        print(f"seam in {name:12s} {error:6.1f} dB")
    print(f"seam {worst:.1f} dB")


def words(engine: DenoiseEngine, media: Path, weights: Path) -> None:
    """Prints the share of words that Whisper gets wrong before and after cleaning, with several noises."""
    import jiwer
    from faster_whisper import WhisperModel

    whisper = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=1)

    def said(sound: Floats, language: str) -> str:
        segments, _ = whisper.transcribe(
            resampled(sound), language=language, beam_size=5, condition_on_previous_text=False
        )
        return plain(" ".join(segment.text for segment in segments))

    with open(media / "transcripts.tsv", encoding="utf-8") as file:
        known = [row for row in csv.DictReader(file, delimiter="\t") if row["language"] == "en"]
    clips = [(decoded(media / row["file"]), plain(row["text"])) for row in known if (media / row["file"]).is_file()]
    clips += [(sound, said(sound, "en")) for sound, _ in people_of(media, 2)]
    print(f"words: {len(known)} clips with known words, {len(clips) - len(known)} against the text of the quiet sound")
    for name, noise in [("as recorded", None), *noises(media)]:
        for db in (10, 0) if noise is not None else (0,):
            heard: dict[str, list[str]] = {"as it came": [], "cleaned": [], "half": []}
            for sound, _ in clips:
                noisy = sound if noise is None else with_noise(sound, noise, db)
                clean = reference(engine, noisy)
                for side, made in (("as it came", noisy), ("cleaned", clean), ("half", (noisy + clean) / 2)):
                    heard[side].append(said(made, "en"))
            wrong = {side: 100 * jiwer.wer([text for _, text in clips], texts) for side, texts in heard.items()}
            told = "   ".join(f"{side} {share:5.1f} %" for side, share in wrong.items())
            print(f"words wrong, {name} {db if noise is not None else '':>2} dB: {told}", flush=True)


def plain(text: str) -> str:
    """Returns words without signs, as they are compared."""
    return " ".join(re.sub(r"[^\w' ]", " ", text.lower()).split())


def real_pairs(media: Path) -> Iterator[Pair]:
    """Yields the recorded pairs."""
    for path in sorted((media / "enhance").glob("*_noisy.wav")):
        noisy, clean = decoded(path), decoded(path.with_name(path.name.replace("noisy", "clean")))
        length = min(len(noisy), len(clean))
        yield Pair("recorded", noisy[:length], clean[:length])


def mixed(media: Path, n_clips: int) -> Iterator[Pair]:
    """Yields speech with noises at 5 dB."""
    for sound, _ in people_of(media, n_clips):
        for name, noise in noises(media):
            yield Pair(f"{name} 5 dB", with_noise(sound, noise, 5), sound)


def people_of(media: Path, n_clips: int) -> Iterator[tuple[Floats, str]]:
    """Yields clips of each person of ``media/speakers``."""
    for folder in sorted(path for path in (media / "speakers").iterdir() if path.is_dir()):
        for path in sorted(folder.iterdir())[:n_clips]:
            yield decoded(path), folder.name


def noises(media: Path) -> list[tuple[str, Floats]]:
    """Returns noises by name: white, pink, and what the recorded pairs differ by."""
    white = np.random.default_rng(0).normal(0, 1, 30 * RATE)
    spectrum = np.fft.rfft(white)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))))
    recorded = np.concatenate([pair.noisy - pair.clean for pair in real_pairs(media)])
    named = (("white", white), ("pink", pink), ("recorded noise", recorded))
    return [(name, np.asarray(noise, np.float32)) for name, noise in named]


def with_noise(sound: Floats, noise: Floats, db: float) -> Floats:
    """Returns speech with noise that is softer by ``db``."""
    fitted = np.resize(noise, len(sound))
    loud = np.sqrt((sound**2).mean() / (fitted**2).mean() / 10 ** (db / 10))
    mixed = sound + fitted * loud
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32)


def decoded(path: Path) -> Floats:
    """Returns a recording as 48 kHz mono."""
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("flt", "mono", RATE)
        frames = [made for frame in file.decode(audio=0) for made in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in [*frames, *resampler.resample(None)]])


def resampled(sound: Floats) -> Floats:
    """Returns a 48 kHz sound at 16 kHz."""
    resampler = av.AudioResampler("flt", "mono", HEARD)
    frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "flt", "mono")
    frame.sample_rate = RATE
    return np.concatenate([made.to_ndarray()[0] for made in [*resampler.resample(frame), *resampler.resample(None)]])


if __name__ == "__main__":
    main()
