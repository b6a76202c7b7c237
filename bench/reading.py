"""Reading a recording: decoding and finding speech against faster-whisper's own loader, in CPU time and peak memory.

Run it as ``python bench/reading.py --media FOLDER`` on Linux; tests/conftest.py describes that folder. Speech is its
clips repeated to ten minutes and an hour of MP3; silence is Opus. Each side runs in a process of its own, in turns.
``--hours`` sets the length of the silence, and ``--theirs`` lets faster-whisper read it too (ten hours take 5.6 GB).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

OURS = """
import sys, time, tempfile
from pathlib import Path
from engines.intake.child import Worker
from engines.requests import VadOptions
from media.limits import MediaLimits
class Nowhere:
    def send_bytes(self, data): pass
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        worker, begin = Worker(Nowhere()), time.process_time()
        done = worker.read(Path(sys.argv[1]), Path(folder), VadOptions(), MediaLimits())
        peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
        print(time.process_time() - begin, peak, done["speech_s"])
"""
THEIRS = """
import sys, time
from pathlib import Path
from faster_whisper.audio import decode_audio
from faster_whisper.vad import VadOptions, get_speech_timestamps
begin = time.process_time()
found = get_speech_timestamps(decode_audio(sys.argv[1]), VadOptions(min_silence_duration_ms=500, speech_pad_ms=200))
speech = sum(part["end"] - part["start"] for part in found) / 16000
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
print(time.process_time() - begin, peak, speech)
"""


def main() -> None:
    """Prints a table: CPU seconds, peak memory in MiB and seconds of speech of both sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--theirs", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speech, hour, long = folder / "speech.mp3", folder / "hour.mp3", folder / "long.opus"
        make_speech(options.media, speech, 600)
        make_speech(options.media, hour, 3600)
        make_silence(long, options.hours)
        for path, sides in ((speech, 2), (hour, 2), (long, 2 if options.theirs else 1)):
            for title, code in (("roomtone", OURS), ("faster-whisper", THEIRS))[:sides]:
                print(f"{path.name:12s} {title:15s} {measure(code, path)}", flush=True)


def measure(code: str, path: Path) -> str:
    """Runs one side in a new process and returns what it measured."""
    root = Path(__file__).resolve().parent.parent
    told = subprocess.run([sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, text=True)
    if told.returncode:
        return f"failed: {told.stderr.strip().splitlines()[-1]}"
    cpu, memory, speech = (float(value) for value in told.stdout.split())
    return f"cpu {cpu:7.2f} s   peak {memory:7.1f} MiB   speech {speech:8.1f} s"


def make_speech(media: Path, path: Path, seconds: int) -> None:
    """Writes the clips of the media folder, one after another, as an MP3."""
    import av
    import numpy as np

    from media.codec import Recording
    from media.limits import MediaLimits

    clips = [path for folder in ("speakers", "vad", "asr") for path in sorted((media / folder).rglob("*.*"))]
    parts = []
    for clip in clips:
        if clip.suffix in (".wav", ".flac"):
            with Recording(clip, MediaLimits()) as recording:
                parts += [*recording.blocks(), np.zeros(8000, np.int16)]
    sound = np.resize(np.concatenate(parts), seconds * 16_000)
    with av.open(str(path), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=16_000)
        stream.layout = "mono"
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=16_000, frame_size=1152)
        frame = av.AudioFrame.from_ndarray(sound[None, :], format="s16", layout="mono")
        frame.sample_rate = 16_000
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            for packet in stream.encode(part):
                out.mux(packet)


def make_silence(path: Path, hours: float) -> None:
    """Writes hours of silence as Opus."""
    from tests.hostile.making import long_silence

    long_silence(path, hours)


if __name__ == "__main__":
    main()
