"""Secrets are planted wherever the program keeps or says anything; none may be in the diagnosis file."""

from __future__ import annotations

import base64
import getpass
import io
import json
import platform
import urllib.parse
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.doctor import scrub
from workbench.doctor.archive import write_archive
from workbench.doctor.doctor import Doctor
from workbench.doctor.finding import Finding
from workbench.history.history import History
from workbench.history.rows import NewJob
from workbench.settings import Settings

TITLE = "Quarterly-Merger-Zebra"
FILE = "陈总面谈-8821.m4a"
WORDS = "the acquisition of Bluewhale is secret"
CHINESE = "下周三之前不要告诉任何人"
HOTWORD = "Kryptonwal"
KEY = "sk-live-4f9c1a77d2"
USER = "meiling.zhao"
HOST = "finance-vault-07"
ADDRESS = "10.77.31.200"
PACKAGE = "acme-internal-payroll"
TAG = "board-only"
SECRETS = (TITLE, FILE, WORDS, CHINESE, HOTWORD, KEY, USER, HOST, ADDRESS, PACKAGE, TAG, "Bluewhale", "8821", "陈总")

LOG = f"""2026-11-20 10:00:00,123 INFO workbench.core: 3 unfinished jobs, 1 of them were running
2026-11-20 10:00:01,000 WARNING workbench.running.readers: the decoder ended while it read {TITLE}
2026-11-20 10:00:02,000 INFO workbench.core: {WORDS}
2026-11-20 10:00:03,000 INFO {HOST}.module: pack {KEY}: {CHINESE}
2026-11-20 10:00:03,500 ERROR workbench.running.readers: reading {FILE} failed
Traceback (most recent call last):
  File "/home/{USER}/roomtone/workbench/running/readers.py", line 99, in _run
    self._read(group)  # {WORDS}
  File "/home/{USER}/{HOST}/site-packages/av/container.py", line 7, in {HOTWORD}
    open("{FILE}")
  File "/home/{USER}/private/{TITLE}.py", line 1, in _run
media.errors.MediaError: media_unreadable(file='{FILE}')
{USER}.{HOST}.SecretError: {KEY}
ValueError: {WORDS}
{CHINESE}
{KEY}
INFO {HOTWORD}
2026-11-20 10:00:09,000 INFO roomtone: {ADDRESS} asked for /?job={TITLE}
""".replace("\r", "")


class Shown:
    """A machine in which a secret stands wherever text can stand."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.root = root
        self.data = folder / USER / HOST / "data"
        self.data.mkdir(parents=True)
        self.settings = Settings(
            self.data, host=ADDRESS, hub_mirror=f"https://{USER}:{KEY}@{HOST}/", index_mirror=f"https://{KEY}@{HOST}/simple",
            model_folders=(folder / TITLE,), host_names=(HOST,), packs=(PACKAGE,),
        )  # fmt: skip
        (self.data / "settings.toml").write_text(f'hub_mirror = "https://{KEY}@{HOST}"\n', encoding="utf-8")
        self._history()
        self._files()

    def _history(self) -> None:
        with History(self.data / "history.db", self.root / "history.db-schema") as history:
            history.add_input("ab" * 32, 10)
            job = NewJob(
                id="job1", task="automatic-speech-recognition", title=TITLE, source_name=FILE, input_sha256="ab" * 32,
                owner=ADDRESS, lane="interactive", request={"hotwords": HOTWORD}, model="base", fingerprint="f" * 64,
            )  # fmt: skip
            history.add_jobs([job, replace(job, id="job2", task=WORDS, model=HOTWORD, fingerprint="e" * 64)])
            history.fail_job("job1", "media_unreadable", {"file": FILE})
            history.learn_speed(HOTWORD, f"{HOST}:0", KEY, 3.5)
            history.learn_speed("base", "cpu", "int8", 9.25)

    def _files(self) -> None:
        for folder, name in (
            ("inputs", TITLE),
            ("incoming", FILE),
            ("models", HOTWORD),
            ("certificates", f"{HOST}.crt"),
        ):
            (self.data / folder).mkdir(exist_ok=True)
            (self.data / folder / name).write_text(f"{WORDS} {KEY} -----BEGIN PRIVATE KEY-----", encoding="utf-8")
        (self.data / "logs").mkdir()
        (self.data / "logs" / "roomtone.log").write_text(LOG, encoding="utf-8")
        (self.data / "logs" / "roomtone.log.1").write_text(LOG + LOG[::-1], encoding="utf-8")
        (self.data / "logs" / f"{TITLE}.log").write_text(WORDS, encoding="utf-8")

    def archive(self) -> bytes:
        doctor = Doctor(self.root, self.settings)
        more = Finding("models", "model_damaged", "bad", {"model": TITLE, "names": [KEY, FILE], WORDS: 1}, KEY, HOTWORD)
        return write_archive(doctor, [*doctor.examine(), more])


def forms(secret: str) -> list[bytes]:
    """How a secret may be written down."""
    texts = {secret, secret.lower(), secret[::-1], urllib.parse.quote(secret), json.dumps(secret)[1:-1]}
    found = {text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    found |= {secret.encode("gb18030"), base64.b64encode(secret.encode())[:-4], secret.encode().hex().encode()}
    return [form for form in found if form]


def contents(archive: bytes) -> dict[str, bytes]:
    """Everything that is in it: the file as it is, each member unpacked, the names and remarks of each."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        found = {"the file": archive, "its remark": opened.comment}
        for entry in opened.infolist():
            found[entry.filename] = opened.read(entry)
            found["about " + entry.filename] = entry.filename.encode() + entry.comment + entry.extra
    return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Shown:
    return Shown(tmp_path_factory.mktemp("room"), root)


@pytest.fixture(scope="module")
def archive(shown: Shown) -> dict[str, bytes]:
    return contents(shown.archive())


def test_no_secret_is_in_the_file_in_any_form(archive: dict[str, bytes]) -> None:
    for secret in SECRETS:
        for name, content in archive.items():
            for form in forms(secret):
                assert form not in content, (secret, name)


def test_no_name_of_this_machine_person_or_place_is_in_it(archive: dict[str, bytes], shown: Shown) -> None:
    places = [str(Path.home()), str(shown.data), str(shown.root), str(shown.data.parent.name)]
    names = [name for name in (platform.node(), getpass.getuser()) if len(name) > 4]
    unpacked = {name: content for name, content in archive.items() if name != "the file"}
    for secret in [*(place for place in places if len(place) > 4), *names]:
        assert not [name for name, content in unpacked.items() if secret.encode() in content], secret


def test_what_helps_is_in_it(archive: dict[str, bytes]) -> None:
    log = archive["roomtone.log"].decode()
    assert "INFO workbench.core: 3 unfinished jobs, 1 of them were running" not in log  # %s may be anything
    assert "INFO workbench.core: (…) unfinished jobs, (…) of them were running" in log
    assert "WARNING workbench.running.readers: the decoder ended while it read (…)" in log
    assert 'File "workbench/running/readers.py", line 99, in _run' in log
    assert "MediaError: (…)" in log and "ValueError: (…)" in log
    history = json.loads(archive["history.json"])
    assert ["automatic-speech-recognition", "failed", "media_unreadable", 1, None] in history["jobs"]
    assert ["base", "cpu", "int8", 9.25, 1] in history["speeds"]
    assert json.loads(archive["packages.json"])["ctranslate2"]
    assert json.loads(archive["settings.json"])["hub_mirror"] == "set"


def test_two_archives_of_one_state_say_nothing_of_when_they_were_made(shown: Shown) -> None:
    with zipfile.ZipFile(io.BytesIO(shown.archive())) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(2026, 1, 1, 0, 0, 0)}


def test_numbers_and_known_words_pass_and_nothing_else() -> None:
    words = frozenset({"base", "n", "model"})
    assert scrub.plain({"n": 3, "model": "base", TITLE: 1, "x": KEY}, words) == {"n": 3, "model": "base"}
    assert scrub.plain([KEY, "base", True, None, 1.5], words) == ["(…)", "base", True, None, 1.5]


def test_names_of_cards_and_versions_pass_only_as_such() -> None:
    assert scrub.gpu_name("NVIDIA GeForce RTX 4090") == "NVIDIA GeForce RTX 4090"
    assert scrub.gpu_name("NVIDIA RTX PRO 6000 Blackwell Workstation Edition") != scrub.LEFT_OUT
    assert scrub.gpu_name("NVIDIA H200") == "NVIDIA H200"
    assert scrub.gpu_name(f"NVIDIA {HOST}") == scrub.LEFT_OUT
    assert scrub.version("6.18.44-" + HOST) == "6.18.44"
    assert scrub.version(HOST) == scrub.LEFT_OUT
