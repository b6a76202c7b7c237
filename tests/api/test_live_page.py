"""The page for reading along is there for everybody, its picture only where others in the house can open it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.app import create_api
from api.safety import HostRule
from tests.api.conftest import Caller
from workbench.texts import Texts

WORD = "w" * 24


class HouseOffice:
    """An office with the addresses that it is told."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)

    def addresses(self) -> list[str]:
        return self._addresses


def app_of(texts: Texts, office: Any = None) -> FastAPI:
    return create_api(None, texts, HostRule(frozenset({"127.0.0.1", "room.example"})), office=office)


def test_the_page_comes_without_gradio_and_before_the_workbench_is_there(texts) -> None:
    told = Caller(app_of(texts)).get(f"/live/{WORD}")
    assert told.status_code == 200 and told.headers["content-type"].startswith("text/html")
    assert "screens/live_page.js" in told.text and "gradio" not in told.text and WORD not in told.text


def test_where_only_this_machine_can_open_it_there_is_no_picture(texts) -> None:
    assert Caller(app_of(texts)).get(f"/live/{WORD}/qr.svg").status_code == 404
    assert Caller(app_of(texts, HouseOffice())).get(f"/live/{WORD}/qr.svg").status_code == 404


def test_in_the_house_the_picture_leads_to_the_page(texts) -> None:
    for caller in (
        Caller(app_of(texts, HouseOffice("https://room.example:7860"))),
        Caller(app_of(texts), base="https://room.example:7860"),
    ):
        told = caller.get(f"/live/{WORD}/qr.svg")
        assert told.status_code == 200 and told.headers["content-type"].startswith("image/svg+xml")
        assert told.text.startswith("<svg") and "script" not in told.text
        assert caller.get("/live/no%20word/qr.svg").status_code == 404
