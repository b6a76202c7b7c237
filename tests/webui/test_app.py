from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BUILD = """
import json, sys
from pathlib import Path
from webui.app import build_ui
from workbench.texts import Texts

blocks, told = build_ui(Texts(Path(sys.argv[1]) / "assets" / "texts", strict=True))
theme = told["theme"]
shown = {"config": blocks.get_config_file(), "footer": told["footer_links"],
         "stylesheets": theme._stylesheets, "css": theme._get_theme_css()}
print(json.dumps(shown, default=lambda value: value.to_dict() if hasattr(value, "to_dict") else str(value)))
"""


@pytest.fixture(scope="module")
def page(root: Path) -> dict[str, Any]:
    """What Gradio is told to show; built in a process of its own, as it leaves event loops open."""
    words = [sys.executable, "-c", BUILD, str(root)]
    built = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, Any] = json.loads(built.stdout)
    return told


def test_there_is_a_tab_for_each_screen(page) -> None:
    tabs = [part["props"]["id"] for part in page["config"]["components"] if part["type"] == "tabitem"]
    assert tabs == ["transcribe", "live", "write", "sound", "aloud", "video", "history", "voices", "system"]


def test_no_event_of_the_page_waits_for_a_server(page) -> None:
    # What runs in the browser alone goes on when the server is busy, and can be lost by no reload.
    assert page["config"]["dependencies"]
    assert not [event for event in page["config"]["dependencies"] if event["backend_fn"]]


def test_every_label_is_translated(page) -> None:
    for part in page["config"]["components"]:
        for name in ("label", "info", "placeholder"):
            told = part["props"].get(name)
            if part["props"].get("elem_id", "") and told and part["type"] not in ("html", "row", "column"):
                assert "translation_metadata" in json.dumps(told), (part["type"], told)


def test_no_letters_are_fetched_from_elsewhere(page) -> None:
    assert not page["stylesheets"]
    assert "http" not in page["css"].replace("http://www.w3.org/2000/svg", "") and "@import" not in page["css"]


def test_gradio_adds_no_links_of_its_own(page) -> None:
    assert page["footer"] == []


def test_at_most_five_fields_are_seen_before_the_drawer_is_opened(page) -> None:
    fields = {"radio", "dropdown", "textbox", "checkbox"}
    named = [
        (part["type"], part["props"]["elem_id"])
        for part in page["config"]["components"]
        if part["props"].get("elem_id")
    ]
    before = named[: named.index(("accordion", "rt-more"))]
    # These belong to the field above them and are seen only where they mean something.
    assert [name for kind, name in before if kind in fields and name not in ("rt-script", "rt-speakers-count")] == [
        "rt-quality", "rt-languages", "rt-output", "rt-speakers-switch", "rt-hotwords",
    ]  # fmt: skip
