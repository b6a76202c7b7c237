"""The GPU: its driver, and the CUDA libraries that the speech models ask for."""

from __future__ import annotations

import ctypes
import glob
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.doctor.finding import Finding

NVIDIA_VENDOR = "0x10de"
_DISPLAY, _COMPUTE = "0x03", "0x0302"
_NEEDED = re.compile(rb"lib((?:cublas|cudnn)[a-z_]*)\.so\.(\d+)")
_BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class Driver:
    """What NVIDIA's driver tells. ``state`` is ``none``, ``broken`` or ``works``; ``cuda`` is the newest it can run."""

    state: str
    version: str = ""
    cuda: str = ""
    n_gpus: int = 0
    code: int = 0


def driver_of(load: Callable[[str], ctypes.CDLL] = ctypes.CDLL) -> Driver:
    """Asks the driver through its own library, which comes with it."""
    name = "nvml.dll" if os.name == "nt" else "libnvidia-ml.so.1"
    try:
        library = load(name)
    except OSError:
        return Driver("none")
    begun = library.nvmlInit_v2()
    if begun != 0:
        return Driver("broken", code=int(begun))
    try:
        version, cuda, count = ctypes.create_string_buffer(81), ctypes.c_int(0), ctypes.c_uint(0)
        library.nvmlSystemGetDriverVersion(version, ctypes.c_uint(81))
        library.nvmlSystemGetCudaDriverVersion_v2(ctypes.byref(cuda))
        library.nvmlDeviceGetCount_v2(ctypes.byref(count))
        newest = f"{cuda.value // 1000}.{cuda.value % 1000 // 10}"
        return Driver("works", version.value.decode("ascii", "replace"), newest, count.value)
    finally:
        library.nvmlShutdown()


def cards_in(root: Path = Path("/sys/bus/pci/devices")) -> int:
    """Returns how many NVIDIA cards are plugged in, whether a driver knows them or not; 0 where Linux does not tell."""
    found = 0
    for device in glob.glob(str(root / "*")):
        try:
            vendor = Path(device, "vendor").read_text(encoding="ascii").strip()
            kind = Path(device, "class").read_text(encoding="ascii").strip()
        except OSError:
            continue
        found += vendor == NVIDIA_VENDOR and kind.startswith((_DISPLAY, _COMPUTE))
    return found


def driver(told: Driver, cards: int) -> Finding:
    """Judges the driver; ``cards`` is how many NVIDIA cards are plugged in."""
    if told.state == "works" and told.n_gpus:
        return Finding("gpu", "gpu_good", values={"n": told.n_gpus, "driver": told.version, "cuda": told.cuda})
    if told.state == "broken":
        return Finding("gpu", "driver_broken", "bad", {"number": told.code})
    if cards:
        return Finding("gpu", "driver_missing", "bad", {"n": cards})
    return Finding("gpu", "gpu_none")


def needed_by(library: Path) -> list[str]:
    """Returns the cuBLAS and cuDNN files that a compiled library opens by name, such as ``libcublas.so.12``.

    The names stand in the file itself, so this is true of whatever version is installed.
    """
    found: set[str] = set()
    tail = b""
    with library.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(f"lib{name.decode()}.so.{major.decode()}" for name, major in _NEEDED.findall(tail + block))
            tail = block[-64:]
    return sorted(found)


def speech_library(folders: Iterable[str]) -> Path | None:
    """Returns the library of CTranslate2, which runs the speech models, where it is installed."""
    for folder in folders:
        for pattern in ("ctranslate2.libs/libctranslate2*", "ctranslate2/libctranslate2*", "ctranslate2/*.dll"):
            found = sorted(glob.glob(os.path.join(folder or ".", pattern)))
            if found:
                return Path(found[0])
    return None


def libraries(needed: Sequence[str], opens: Callable[[str], bool]) -> Finding:
    """Judges whether what the speech models need on a GPU can be opened."""
    missing = [name for name in needed if not opens(name)]
    if missing:
        return Finding("gpu", "cuda_missing", "bad", {"missing": missing, "major": missing[0].rpartition(".")[2]})
    return Finding("gpu", "cuda_good", values={"found": list(needed)})


def opens(name: str, folders: Sequence[str] = ()) -> bool:
    """Tells whether the system's loader, or a Python package in ``folders``, has the library.

    Another process tries it, as such a library takes hundreds of MiB and cannot be let go of again.
    """
    packed = [path for folder in folders for path in glob.glob(os.path.join(folder or ".", "nvidia", "*", "lib", name))]
    for path in [name, *packed]:
        script = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
        done = subprocess.run(
            [sys.executable, "-c", script, path],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
        if done.returncode == 0:
            return True
    return False
