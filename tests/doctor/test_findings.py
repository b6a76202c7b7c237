"""What the doctor says of a machine: decisions first, then whole rounds over real folders."""

from __future__ import annotations

import json
import os
import socket
import string
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.doctor import cuda, fixes, machine, program
from workbench.doctor.cuda import Driver
from workbench.doctor.doctor import Doctor
from workbench.doctor.finding import Finding, exit_status, worst_first
from workbench.doctor.terminal import Words, main, report
from workbench.settings import Settings, SettingsError

NOW = 1_800_000_000.0


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def test_a_full_disk_is_bad_a_filling_one_worth_knowing() -> None:
    assert machine.disk(500, 100_000).level == "bad"
    assert machine.disk(5_000, 100_000).level == "note"
    assert machine.disk(50_000, 100_000).level == "good"


def test_memory_is_judged_by_what_is_free() -> None:
    told = [machine.ram(100, 8000), machine.ram(1000, 8000), machine.ram(4000, 8000), machine.ram(None, None)]
    assert [finding.code for finding in told] == ["memory_full", "memory_low", "memory_good", "memory_unknown"]


def test_a_clock_that_was_set_while_the_server_runs_is_noticed() -> None:
    assert machine.clock(NOW, None).code == "clock_good"
    assert machine.clock(NOW, 20.0).code == "clock_good"
    assert machine.clock(NOW, -3600.0).values == {"minutes": 60}
    assert machine.clock(0.0, None).code == "clock_past"


def test_a_server_compares_the_wall_clock_with_one_that_nobody_can_set(tmp_path: Path, root: Path) -> None:
    moments = {"wall": NOW, "steady": 5.0}
    doctor = Doctor(root, Settings(tmp_path), True, lambda: moments["wall"], lambda: moments["steady"])
    moments.update(wall=NOW + 7200.0, steady=65.0)
    [jumped] = [finding for finding in doctor.examine() if finding.code == "clock_jumped"]
    assert jumped.values == {"minutes": 119}


def test_files_from_the_future_are_found_and_their_times_corrected(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    file = tmp_path / "inputs" / "one"
    file.write_bytes(b"1")
    os.utime(file, (NOW + 9000, NOW + 9000))
    assert machine.times(machine.files_of(tmp_path), NOW).press == "set_times"
    assert fixes.set_times(tmp_path, NOW) == 1
    assert machine.times(machine.files_of(tmp_path), NOW).level == "good"


def test_a_port_of_another_program_is_told_apart_from_our_own() -> None:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
        number = line.getsockname()[1]
        assert machine.port("127.0.0.1", number, False).code == "port_taken"
        assert machine.port("127.0.0.1", number, True).code == "port_ours"
    assert machine.port("127.0.0.1", number, False).code == "port_free"
    assert machine.port("203.0.113.7", number, False).code == "host_unknown"


def test_a_network_drive_under_the_data_folder_is_noticed() -> None:
    mounts = "disk / ext4 rw 0 0\nserver:/x /srv/share nfs4 rw 0 0\n"
    assert machine.shared_disk(Path("/srv/share/data"), mounts) is not None
    assert machine.shared_disk(Path("/srv/sharedata"), mounts) is None
    assert machine.shared_disk(Path("/var/data"), mounts) is None


@pytest.mark.parametrize(
    ("told", "cards", "code"),
    [
        (Driver("none"), 0, "gpu_none"),
        (Driver("none"), 2, "driver_missing"),
        (Driver("broken", code=18), 1, "driver_broken"),
        (Driver("works", "580.1", "13.0", 1), 1, "gpu_good"),
        (Driver("works", "580.1", "13.0", 0), 0, "gpu_none"),
    ],
)
def test_the_driver_is_judged_by_what_it_tells_and_what_is_plugged_in(told: Driver, cards: int, code: str) -> None:
    assert cuda.driver(told, cards).code == code


def test_what_the_speech_engine_needs_is_read_from_its_own_library(tmp_path: Path) -> None:
    library = tmp_path / "libctranslate2.so"
    library.write_bytes(
        b"x" * (cuda._BLOCK - 9) + b"\0libcublas.so.12\0" + b"y" * 90 + b"libcudnn_ops.so.9\0libnccl.so.2"
    )
    assert cuda.needed_by(library) == ["libcublas.so.12", "libcudnn_ops.so.9"]


def test_the_installed_speech_engine_names_what_it_needs() -> None:
    library = cuda.speech_library(sys.path)
    if library is None or not sys.platform.startswith("linux"):
        pytest.skip("CTranslate2 for Linux is not installed")
    assert any(name.startswith("libcublas.so.") for name in cuda.needed_by(library))


def test_missing_cuda_libraries_are_named() -> None:
    told = cuda.libraries(["libcublas.so.12"], lambda name: False)
    assert (told.level, told.values["missing"], told.values["major"]) == ("bad", ["libcublas.so.12"], "12")
    assert cuda.libraries(["libcublas.so.12"], lambda name: True).level == "good"


def test_a_library_is_tried_in_another_process() -> None:
    assert not cuda.opens("libnothing-of-this-name.so.7")


def test_packages_are_compared_with_the_lock() -> None:
    wanted = program.locked("# -- core\nav==18.1.0\nPy_Yaml==6.0\n# -- test\npytest==9\n")
    assert wanted == {"av": "18.1.0", "Py_Yaml": "6.0"}
    assert program.packages(wanted, {"av": "18.1.0+cpu", "py-yaml": "6.0"}).code == "packages_good"
    assert program.packages(wanted, {"av": "18.0.0", "py-yaml": "6.0"}).values["names"] == ["av 18.0.0 (18.1.0)"]
    assert program.packages(wanted, {"av": "18.1.0"}).values["names"] == ["Py_Yaml"]
    assert program.packages(wanted, {}).code == "packages_none"


def test_the_packages_of_this_environment_are_those_of_the_lock(root: Path) -> None:
    lock = program.locked((root / "requirements.lock").read_text(encoding="utf-8"))
    told = program.packages(lock, program.installed([folder for folder in sys.path if folder]))
    assert told.code in {"packages_good", "packages_other"}, told


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_named_and_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs").chmod(0o500)
    told = program.writable(tmp_path)
    assert (told.code, told.values["folder"], told.press) == ("not_writable", "inputs", "allow")
    assert fixes.allow(tmp_path, NOW) == 1
    assert program.writable(tmp_path).level == "good"


def test_a_private_key_that_others_can_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    key = folder / "server.key"
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    key.chmod(0o644)
    assert codes(program.certificates(folder, "0.0.0.0", NOW)) == {"key_open"}
    assert fixes.close_keys(tmp_path, NOW) == 1
    assert codes(program.certificates(folder, "0.0.0.0", NOW)) == {"certificate_none"}
    assert codes(program.certificates(folder, "127.0.0.1", NOW)) == {"certificate_unneeded"}


def test_a_certificate_that_cannot_be_read_is_bad(tmp_path: Path) -> None:
    (tmp_path / "a.crt").write_text("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    assert codes(program.certificates(tmp_path, "0.0.0.0", NOW)) == {"certificate_unreadable"}
    (tmp_path / "a.crt").write_text("something else")
    assert codes(program.certificates(tmp_path, "127.0.0.1", NOW)) == {"certificate_unreadable"}


def test_the_dates_of_a_certificate_are_judged(tmp_path: Path) -> None:
    path = tmp_path / "server.crt"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "60",
         "-subj", "/CN=x", "-keyout", str(tmp_path / "server.key"), "-out", str(path)],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl command here to make a certificate")
    now = time.time()
    ages = {"certificate_good": 1.0, "certificate_soon": 45.0, "certificate_over": 61.0, "certificate_early": -2.0}
    for code, days in ages.items():
        told = program.certificate(path, now + days * 86400)
        assert told is not None and told.code == code


def test_broken_off_downloads_are_removed_unless_one_may_be_running(tmp_path: Path) -> None:
    for name, age_s in (("old", 7200.0), ("new", 10.0)):
        folder = tmp_path / "models" / ".partial" / name
        folder.mkdir(parents=True)
        (folder / "model.bin").write_bytes(b"1")
        for path in (folder / "model.bin", folder):
            os.utime(path, (NOW - age_s, NOW - age_s))
    assert fixes.remove_partial(tmp_path, NOW) == 1
    assert [path.name for path in (tmp_path / "models" / ".partial").iterdir()] == ["new"]


def test_a_damaged_history_is_noticed_beside_a_whole_one(tmp_path: Path, root: Path) -> None:
    from workbench.history import health as history_health
    from workbench.history.history import History

    path = tmp_path / "history.db"
    assert history_health.whole(path) is None
    history = History(path, root / "history.db-schema")
    assert history_health.whole(path) == "ok"
    history.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\x5a" * (4096 * 3)
    path.write_bytes(content)
    assert program.history(history_health.whole(path)).code == "history_damaged"


def test_a_check_that_fails_takes_no_other_along(tmp_path: Path) -> None:
    told = codes(Doctor(tmp_path / "no program here", Settings(tmp_path)).examine())
    assert "check_failed" in told
    assert "disk_good" in told or "disk_low" in told or "disk_full" in told


def test_the_worst_comes_first_and_decides_the_exit_status() -> None:
    some = [Finding("a", "disk_good"), Finding("b", "disk_low", "note"), Finding("c", "disk_full", "bad")]
    assert [finding.level for finding in worst_first(some)] == ["bad", "note", "good"]
    assert (exit_status(some), exit_status(some[:2])) == (1, 0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_finding_has_its_sentences(root: Path, language: str) -> None:
    words = Words(root, language)
    texts = json.loads((root / "assets" / "texts" / f"doctor.{language}.json").read_text(encoding="utf-8"))
    source = "".join(path.read_text(encoding="utf-8") for path in (root / "workbench" / "doctor").glob("*.py"))
    for key, text in texts.items():
        parts = key.split(".")
        if f"{parts[0]}.{parts[1]}.why" in texts and len(parts) == 2:
            assert f'"{parts[1]}"' in source, key
            assert words.has(f"{key}.do"), key
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text))


def test_the_terminal_tells_everything_in_plain_words(tmp_path: Path, root: Path) -> None:
    for language in ("en", "zh"):
        lines = report(Doctor(root, Settings(tmp_path)).examine(), Words(root, language))
        assert len(lines) > 8
        assert not [line for line in lines if "{" in line or "doctor." in line]


def test_options_of_the_start_count_and_unknown_ones_are_refused(tmp_path: Path, root: Path) -> None:
    archive = tmp_path / "diagnosis.zip"
    words = ["--quick", "--data", str(tmp_path / "data"), "--archive", str(archive)]
    assert main(root, words, {}, "en") in (0, 1)
    assert archive.stat().st_size > 500
    with pytest.raises(SettingsError):
        main(root, ["--what"], {}, "en")
    with pytest.raises(SettingsError):
        main(root, ["--archive"], {}, "en")


def test_it_runs_on_a_bare_python_before_set_up(tmp_path: Path, root: Path) -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import launch; sys.exit(launch.main(sys.argv[2:]))"
    words = ["doctor", "--quick", "--lang", "en", "--data", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(root), *words],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "Roomtone is not running" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
