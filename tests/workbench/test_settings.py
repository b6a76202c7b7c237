"""Settings: what wins over what, and what is said of one that does not fit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.settings import Settings, SettingsError, misspelt


def write_file(root: Path, text: str) -> None:
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "settings.toml").write_text(text, encoding="utf-8")


def test_without_any_setting_only_this_machine_is_served(tmp_path: Path) -> None:
    settings = Settings.load([], {}, tmp_path)
    assert settings == Settings(data=tmp_path / "data")
    assert (settings.host, settings.port, settings.browser, settings.offline) == ("127.0.0.1", 7860, True, False)


def test_an_option_wins_over_a_variable_and_a_variable_over_the_file(tmp_path: Path) -> None:
    write_file(tmp_path, "port = 1\nthreads = 1\nkeep_alive = 1\n")
    settings = Settings.load(["--port", "3"], {"ROOMTONE_PORT": "2", "ROOMTONE_THREADS": "2"}, tmp_path)
    assert (settings.port, settings.threads, settings.keep_alive_s) == (3, 2, 1.0)


def test_every_setting_can_be_an_option_a_variable_or_a_line_of_the_file(tmp_path: Path) -> None:
    told = {
        "host": "0.0.0.0",
        "host_names": "room.lan,audio.lan",
        "port": "80",
        "with": "speakers,text",
        "lang": "zh",
        "hub_mirror": "https://hub.example/",
        "index_mirror": "https://index.example/simple",
        "models": f"/a{os.pathsep}/b",
        "memory_limit": "4096",
        "keep_alive": "60",
        "threads": "4",
        "max_upload_mb": "10",
        "max_hours": "2",
        "lan": "yes",
        "offline": "yes",
        "browser": "no",
    }
    expected = Settings(
        data=tmp_path / "data",
        host="0.0.0.0",
        host_names=("room.lan", "audio.lan"),
        port=80,
        packs=("speakers", "text"),
        language="zh",
        hub_mirror="https://hub.example",
        index_mirror="https://index.example/simple",
        model_folders=(Path("/a"), Path("/b")),
        memory_limit_mib=4096,
        keep_alive_s=60.0,
        threads=4,
        max_upload_bytes=10_000_000,
        max_duration_s=7200.0,
        lan=True,
        offline=True,
        browser=False,
    )
    variables = {f"ROOMTONE_{name.upper()}": value for name, value in told.items()}
    assert Settings.load([], variables, tmp_path) == expected
    valued = {name: value for name, value in told.items() if name not in ("lan", "offline", "browser")}
    options = [f"--{name.replace('_', '-')}={value}" for name, value in valued.items()]
    assert Settings.load([*options, "--lan", "--offline", "--no-browser"], {}, tmp_path) == expected
    write_file(tmp_path, "".join(f'{name} = "{value}"\n' for name, value in told.items()))
    assert Settings.load([], {}, tmp_path) == expected


def test_the_file_may_say_numbers_lists_and_true(tmp_path: Path) -> None:
    write_file(tmp_path, 'with = ["text"]\nmodels = ["/a"]\noffline = true\nmax_hours = 1.5\n')
    settings = Settings.load([], {}, tmp_path)
    assert (settings.packs, settings.model_folders) == (("text",), (Path("/a"),))
    assert (settings.offline, settings.max_duration_s) == (True, 5400.0)


def test_an_option_may_be_given_again_where_it_is_a_list(tmp_path: Path) -> None:
    settings = Settings.load(["--models", "/a", "--models", "/b", "--with=text"], {}, tmp_path)
    assert (settings.model_folders, settings.packs) == ((Path("/a"), Path("/b")), ("text",))


def test_the_file_lies_in_the_data_folder_that_was_named(tmp_path: Path) -> None:
    write_file(tmp_path, "port = 99\n")
    assert Settings.load(["--data", str(tmp_path / "data")], {}, tmp_path / "elsewhere").port == 99
    assert Settings.load([], {"ROOMTONE_DATA": str(tmp_path / "other")}, tmp_path).port == 7860


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert Settings.load([], {"ROOMTONE_PORT": ""}, tmp_path).port == 7860


@pytest.mark.parametrize(
    ("argv", "env", "code", "where"),
    [
        (["--colour", "red"], {}, "option_unknown", None),
        (["run"], {}, "command_unknown", None),
        (["--offline=yes"], {}, None, None),
        (["--port"], {}, "option_needs_value", None),
        (["--port", "http"], {}, "setting_not_port", "--port"),
        (["--port", "65536"], {}, "setting_not_port", "--port"),
        ([], {"ROOMTONE_PORT": "-1"}, "setting_not_port", "ROOMTONE_PORT"),
        ([], {"ROOMTONE_OFFLINE": "perhaps"}, "setting_not_yes", "ROOMTONE_OFFLINE"),
        (["--lang", "fr"], {}, "setting_not_language", "--lang"),
        (["--hub-mirror", "hub.example"], {}, "setting_not_address", "--hub-mirror"),
        (["--max-hours", "nan"], {}, "setting_not_number", "--max-hours"),
        (["--threads", "0"], {}, "setting_not_number", "--threads"),
        (["--memory-limit", "4GB"], {}, "setting_not_mib", "--memory-limit"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    argv: list[str], env: dict[str, str], code: str | None, where: str | None, tmp_path: Path
) -> None:
    if code is None:
        assert Settings.load(argv, env, tmp_path).offline
        return
    with pytest.raises(SettingsError) as refused:
        Settings.load(argv, env, tmp_path)
    assert refused.value.code == code
    assert refused.value.values.get("where") == where


def test_a_variable_that_sets_nothing_is_named() -> None:
    env = {"ROOMTONE_PROT": "80", "ROOMTONE_PORT": "80", "ROOMTONE_SETUP": "no", "ROOMTONE_TEST_MEDIA": "x"}
    assert misspelt(env) == ["ROOMTONE_PROT"]


def test_a_broken_file_and_an_unknown_line_are_named(tmp_path: Path) -> None:
    write_file(tmp_path, "port = \n")
    with pytest.raises(SettingsError) as broken:
        Settings.load([], {}, tmp_path)
    assert broken.value.code == "settings_file_broken"
    write_file(tmp_path, "prot = 80\n")
    with pytest.raises(SettingsError) as unknown:
        Settings.load([], {}, tmp_path)
    assert (unknown.value.code, unknown.value.values["name"]) == ("settings_file_unknown", "prot")


def test_a_mirror_of_the_other_hub_is_marked_as_such(tmp_path: Path) -> None:
    settings = Settings.load(["--hub-mirror", "modelscope:https://m.example"], {}, tmp_path)
    assert settings.hub_mirror == "modelscope:https://m.example"
