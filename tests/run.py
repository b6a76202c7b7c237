"""Runs every check inside .venv: lint, types, layers, and the whole suite; ``python3 launch.py test`` starts it.

With words of its own, for pytest, only the tests they name are run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import bootstrap  # noqa: E402 - found only once the checkout is on the path

BIN = Path(sys.executable).parent
CHECKS = (
    ("ruff", [str(BIN / "ruff"), "check", "."]),
    ("mypy", [str(BIN / "mypy")]),
    ("import-linter", [str(BIN / "lint-imports"), "--no-cache"]),
)
WEIGHTS = ("base", "campplus", "kokoro", "qwen2.5-coder-0.5b-gguf", "opus-mt-zh-en", "basicvsr-clean")
"""Models that tests with real weights run; together 960 MB."""
DEBIAN_PACKAGES = {"chromium": ("chromium",), "fonts": ("fonts-noto-cjk",), "certificates": ("libnss3-tools",)}
"""What the tests in a browser use; with the last, one of them gives Chromium a certificate."""


def main(argv: list[str]) -> int:
    """Returns pytest's exit status, or 1 where only another check failed; pytest's closing line comes last."""
    voice = bootstrap.Voice(str(ROOT), bootstrap.language_of([], dict(os.environ)))
    put_browser_in_place(voice)
    put_weights_in_place(voice)
    failed = [] if argv else [name for name, command in CHECKS if not passes(name, command, voice)]
    voice.say("tests_step", name="pytest")
    status, closing = run_pytest(argv)
    for name in failed:
        voice.say("tests_failed", name=name)
    print(closing, flush=True)
    return status or int(bool(failed))


def passes(name: str, command: list[str], voice: bootstrap.Voice) -> bool:
    """Runs one check and tells whether it found nothing."""
    voice.say("tests_step", name=name)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def run_pytest(argv: list[str]) -> tuple[int, str]:
    """Runs pytest, showing what it prints as it comes; returns its exit status and its closing line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    closing = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        if re.search(r"\b(passed|failed|skipped|error|errors|no tests ran|deselected)\b.* in [\d.]+s", line):
            closing = line.strip()
    return process.wait(), closing or "pytest: no closing line"


def put_browser_in_place(voice: bootstrap.Voice) -> None:
    """Installs Chromium and Chinese fonts where this may be done; else says in a line what is missing."""
    missing = [name for name, is_there in THERE.items() if not is_there()]
    if missing and may_install():
        voice.say("tests_browser_installing")
        packages = [package for name in missing for package in DEBIAN_PACKAGES[name]]
        install(packages)
    for name, sentence in (("chromium", "tests_browser_missing"), ("fonts", "tests_fonts_missing")):
        if not THERE[name]():
            voice.say(sentence)


def put_weights_in_place(voice: bootstrap.Voice) -> None:
    """Fetches the models that tests with real speech use, and names their folder; else says in a line why not."""
    from engines import catalog
    from engines.store.store import Store
    from media.errors import WorkbenchError
    from workbench.texts import Texts

    folder = Path(os.environ.setdefault("ROOMTONE_TEST_MODELS", str(ROOT / ".models")))
    for name in WEIGHTS:
        try:
            Store(folder).fetch(catalog.by_name(name))
        except WorkbenchError as error:
            told = Texts(ROOT / "assets" / "texts").error_sentence(voice.language, error.code, error.values)
            voice.say("tests_weights_missing", why=" ".join(told).strip())


def has_chromium() -> bool:
    """Tells whether a Chromium is on the path."""
    return shutil.which("chromium") is not None


def has_chinese_fonts() -> bool:
    """Tells whether a font with Chinese characters is installed."""
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def has_certutil() -> bool:
    """Tells whether certificates can be given to Chromium; the test that does so says it where they cannot."""
    return shutil.which("certutil") is not None


THERE = {"chromium": has_chromium, "fonts": has_chinese_fonts, "certificates": has_certutil}


def may_install() -> bool:
    """Tells whether this is a Debian where packages may be installed without asking anyone."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    """Installs Debian packages; what fails shows in what is missing afterwards."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if done.returncode:
            print(done.stdout.decode(errors="replace")[-2000:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
