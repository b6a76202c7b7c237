"""Who said what, on the screen: names, samples, merging, giving lines, and what is offered without the pack."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from media.transcript import Segment
from media.turns import Part
from tests.browser.conftest import Opened, Server, chromium
from tests.browser.seeding import Recording, line, seed
from workbench.history.history import History
from workbench.history.speakers import SpeakerRow, TurnRow, write_speakers

NOW = "document.querySelector('.rt-player audio').currentTime"
PAUSED = "document.querySelector('.rt-player audio').paused"
OVER = Segment(12.0, 14.0, "Both of us at once.", language="en", flags=("overlap",))
TALK = (*(line(2.0 * n, f"Remark number {n}.") for n in range(6)), OVER, line(14.0, "And so on."))
NAMES = ("talk", "named", "given", "merged", "parted", "copied")
TALKS = tuple(Recording(name, f"Talk {name}", TALK) for name in NAMES)
LONG = Recording("days", "Twelve people", tuple(line(2.0 * n, f"Line {n} of a long day") for n in range(2000)))
UNTOLD = Recording("untold", "Not told apart", TALK)
REFUSED = {"code": "speakers_running", "values": {}, "message": "It broke.", "hint": "Look at it."}
TELLING = {"id": "child", "status": "running", "progress": 0.4, "stage": "working", "stage_progress": None,
           "time_left_s": 90.0, "error": None}  # fmt: skip


def told_apart(history: History, job: str, n_people: int) -> None:
    """Gives the lines of a recording to people, one after the other."""
    rows = history.segments(job, limit=-1)
    parts = [Part(n, TALK[n] if job != "days" else LONG.segments[n], n % n_people) for n in range(len(rows))]
    turns = [TurnRow(row.start, row.end, str(n % n_people + 1)) for n, row in enumerate(rows)]
    heard = [sum(turn.end - turn.start for turn in turns if turn.speaker == str(k + 1)) for k in range(n_people)]
    people = [SpeakerRow(str(k + 1), None, heard[k]) for k in range(n_people)]
    write_speakers(history, job, people, turns, list(zip(rows, parts, strict=True)))


@pytest.fixture(scope="module")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium()
    folder = tmp_path_factory.mktemp("speakers")
    seed(folder / "data", root / "history.db-schema", (*TALKS, LONG, UNTOLD))
    history = History(folder / "data" / "history.db", root / "history.db-schema")
    for job in NAMES:
        told_apart(history, job, 2)
    told_apart(history, "days", 12)
    history.close()
    server = Server(root, folder, models_folder)
    server.start()
    yield server.address
    server.stop()


def speakers_of(address: str, job: str) -> dict:
    with urllib.request.urlopen(f"{address}/api/jobs/{job}/speakers", timeout=20) as answer:
        return json.load(answer)


def shown(opened: Opened, job: str, **how: object) -> Page:
    page = opened(f"/?job={job}", **how)
    page.wait_for_selector(".rt-line .rt-who")
    return page


def who(page: Page, i: int):
    return page.locator(f".rt-line[data-i='{i}'] .rt-who")


@pytest.mark.parametrize(("language", "name"), [("en", "Speaker 2"), ("zh", "说话人 2")])
def test_each_line_shows_who_says_it_and_where_somebody_is_spoken_over(opened, language, name) -> None:
    page = shown(opened, "talk", language=language)
    expect(who(page, 1)).to_have_text(name)
    expect(page.locator(".rt-speaker .rt-who").nth(1)).to_have_text(name)
    expect(page.locator(".rt-line[data-i='6'] .rt-overlap")).to_have_text(
        {"en": "spoken over", "zh": "同时说话"}[language]
    )
    expect(page.locator(".rt-overlap")).to_have_count(1)
    colours = page.locator(".rt-line .rt-voice").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert len(set(colours)) == 2 and colours[0] == colours[2]


def test_a_name_is_given_with_a_click_and_enter_and_shows_in_another_window(opened, address) -> None:
    page, other = shown(opened, "named"), shown(opened, "named", language="zh")
    who(page, 0).click()
    page.keyboard.type("Anna Weber")
    page.keyboard.press("Enter")
    for i in (0, 2, 4):
        expect(who(page, i)).to_have_text("Anna Weber")
    expect(page.locator(".rt-speaker .rt-who").first).to_have_text("Anna Weber")
    expect(who(other, 2)).to_have_text("Anna Weber")
    page.locator(".rt-speaker .rt-who").nth(1).click()
    page.keyboard.type("nobody")
    page.keyboard.press("Escape")
    expect(who(page, 1)).to_have_text("Speaker 2")
    assert [one["name"] for one in speakers_of(address, "named")["speakers"]] == ["Anna Weber", None]
    page.locator(".rt-speaker [aria-haspopup=menu]").first.click()
    page.locator(".rt-menu button", has_text="Take the name away").click()
    expect(who(page, 0)).to_have_text("Speaker 1")


def test_a_sample_plays_and_ends_by_itself_and_a_click_in_the_strip_plays_there(opened) -> None:
    page = shown(opened, "talk")
    page.wait_for_function("document.querySelector('.rt-player audio').readyState > 0")
    page.locator(".rt-sample").nth(1).click()
    page.wait_for_function(f"{NOW} > 2.1 && !{PAUSED}")
    expect(page.locator(".rt-sample").nth(1)).to_have_attribute("aria-label", "Stop")
    page.wait_for_function(f"{PAUSED} && {NOW} < 5")
    expect(page.locator(".rt-sample").nth(1)).to_have_attribute("aria-label", "Hear Speaker 2")
    lane = page.locator(".rt-lane").first
    box = lane.bounding_box()
    assert box is not None
    lane.click(position={"x": box["width"] / 2, "y": 10})
    page.wait_for_function(f"Math.abs({NOW} - 30) < 3 && !{PAUSED}")
    page.keyboard.press("k")
    lane.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"{NOW} < 3")


def test_a_line_and_several_lines_are_given_to_others(opened, address) -> None:
    page = shown(opened, "given")
    page.locator(".rt-line[data-i='0']").hover()
    page.locator(".rt-line[data-i='0'] .rt-give").click()
    page.locator(".rt-menu button", has_text="Speaker 2").click()
    expect(who(page, 0)).to_have_text("Speaker 2")
    page.locator(".rt-line[data-i='2']").hover()
    page.locator(".rt-line[data-i='2'] .rt-give").click()
    page.locator(".rt-menu button", has_text="Choose several lines").click()
    page.locator(".rt-line[data-i='4']").click(modifiers=["Shift"])
    expect(page.locator(".rt-pick strong")).to_contain_text("3 lines chosen")
    expect(page.locator(".rt-line.picked")).to_have_count(3)
    page.click("#rt-give-to")
    page.locator(".rt-menu button", has_text="Somebody else").click()
    expect(page.locator(".rt-speaker")).to_have_count(3)
    for i in (2, 3, 4):
        expect(who(page, i)).to_have_text("Speaker 3")
    expect(page.locator(".rt-pick")).to_be_hidden()
    told = speakers_of(address, "given")
    assert [turn[2] for turn in told["turns"]][:6] == ["2", "2", "3", "3", "3", "2"]
    assert told["speakers"][2]["sample"] == [4.0, 6.0]


def test_two_speakers_become_one_person(opened, address) -> None:
    page = shown(opened, "merged")
    page.locator(".rt-speaker [aria-haspopup=menu]").first.click()
    page.locator(".rt-menu button", has_text="Same person as").click()
    page.locator(".rt-menu button", has_text="Speaker 2").click()
    page.click("#rt-merge")
    expect(page.locator(".rt-speaker")).to_have_count(1)
    expect(who(page, 0)).to_have_text("Speaker 2")
    expect(page.locator(".rt-speaker-share")).to_have_text("100 %")
    page.locator(".rt-toast button", has_text="Undo").click()
    expect(page.locator(".rt-speaker")).to_have_count(2)
    expect(who(page, 0)).to_have_text("Speaker 1")


def test_who_was_made_one_can_be_parted_after_a_reload_and_another_window_sees_it(opened) -> None:
    page, other = shown(opened, "parted"), shown(opened, "parted", language="zh")
    page.locator(".rt-speaker [aria-haspopup=menu]").nth(1).click()
    page.locator(".rt-menu button", has_text="Same person as").click()
    page.locator(".rt-menu button", has_text="Speaker 1").click()
    page.click("#rt-merge")
    expect(who(other, 1)).to_have_text("说话人 1")
    other.reload()
    other.locator(".rt-speaker [aria-haspopup=menu]").click()
    other.locator(".rt-menu button", has_text="“说话人 2”其实是另一个人").click()
    for place, name in ((page, "Speaker 2"), (other, "说话人 2")):
        expect(place.locator(".rt-speaker")).to_have_count(2)
        expect(who(place, 1)).to_have_text(name)


def test_copied_text_and_files_carry_the_names(opened) -> None:
    page = shown(opened, "copied")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    who(page, 0).click()
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    expect(who(page, 0)).to_have_text("Anna")
    page.click("#rt-copy")
    expect(page.locator(".rt-toast")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("Anna: Remark number 0.\nSpeaker 2: Remark")
    by_hand = """() => { const all = document.querySelectorAll(".rt-line-text"), range = document.createRange();
        range.setStart(all[0].lastChild.firstChild, 0); range.setEnd(all[1].firstChild.firstChild, 6);
        getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    page.evaluate(by_hand)
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "Anna: 0.\nSpeaker 2: Remark"
    page.click("#rt-download")
    with page.expect_download() as waiting:
        page.locator(".rt-menu a[href*='format=rttm']").click()
    assert waiting.value.path().read_text(encoding="utf-8").split()[7] == "Anna"


def test_a_long_meeting_of_twelve_keeps_few_lines_in_the_page(opened) -> None:
    page = shown(opened, "days")
    expect(page.locator(".rt-speaker")).to_have_count(12)
    page.wait_for_function("document.querySelector('rt-workplace').lines.all.length === 2000")
    assert page.locator(".rt-line").count() < 600
    page.locator(".rt-speaker .rt-who").nth(11).click()
    page.keyboard.type("Zoe")
    page.keyboard.press("Enter")
    expect(who(page, 11)).to_have_text("Zoe")
    page.evaluate("document.querySelector('rt-workplace').lines.show(1991, false)")
    expect(who(page, 1991)).to_have_text("Zoe")
    page.click("#rt-speakers-toggle")
    expect(page.locator(".rt-speaker")).to_have_count(0)
    page.reload()
    expect(page.locator("#rt-speakers-toggle")).to_have_attribute("aria-expanded", "false")


def packs(page: Page, installed: bool) -> None:
    one = {
        "name": "speakers",
        "installed": installed,
        "size_mb": 1100,
        "tab": "transcribe",
        "installing": None,
        "error": None,
    }
    content = json.dumps({"packs": [one], "obstacle": None})
    page.route("**/api/packs", lambda route: route.fulfill(body=content, content_type="application/json"))


def test_the_form_asks_for_speakers_automatically_exactly_or_in_a_range(opened) -> None:
    page = opened("/")
    packs(page, installed=True)
    page.wait_for_selector("#rt-quality input")
    expect(page.locator("#rt-speakers-count")).to_be_hidden()
    asked = "roomtone.form.request().speakers"
    assert page.evaluate(asked) is None
    page.check("#rt-speakers-switch input")
    expect(page.locator("#rt-speakers-count")).to_be_visible()
    page.wait_for_function(f"JSON.stringify({asked}) === '{{}}'")
    page.locator("#rt-speakers-count label", has_text="Exactly").click()
    page.fill("#rt-speakers-n input", "3")
    page.wait_for_function(f"{asked}.n_speakers === 3")
    page.locator("#rt-speakers-count label", has_text="Between").click()
    expect(page.locator("#rt-speakers-n")).to_be_hidden()
    page.fill("#rt-speakers-most input", "4")
    page.wait_for_function(f"{asked}.at_least === 2 && {asked}.at_most === 4")


def test_without_the_pack_form_and_working_place_offer_it_and_recordings_become_text(opened) -> None:
    page = opened("/")
    packs(page, installed=False)
    page.wait_for_selector("#rt-quality input")
    page.check("#rt-speakers-switch input")
    expect(page.locator("#rt-speakers-group rt-pack")).to_contain_text("Who spoke when")
    assert page.evaluate("roomtone.form.request().speakers") is None
    page.check("#rt-speakers-count input[value=channels]")
    expect(page.locator("#rt-speakers-group rt-pack")).to_have_count(0)
    page.wait_for_function("roomtone.form.request().speakers?.channels === true")
    work = opened("/?job=untold", language="zh")
    packs(work, installed=False)
    work.click("#rt-tell")
    expect(work.locator("dialog rt-pack button")).to_have_text("安装")
    expect(work.locator("#rt-ask-run")).to_be_disabled()
    work.select_option("#rt-ask-count", "channels")
    expect(work.locator("#rt-ask-run")).to_be_enabled()
    expect(work.locator("dialog rt-pack")).to_be_hidden()


def answering(page: Page, telling: dict) -> None:
    """Lets the server say that the speakers of ``untold`` are being told apart, or why they were not."""

    def with_speakers(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "speakers": telling})

    page.route("**/api/jobs/untold", with_speakers)


def test_progress_and_failure_are_told_above_the_text(opened) -> None:
    page = opened("/")
    answering(page, TELLING)
    page.goto(page.url + "?job=untold")
    expect(page.locator(".rt-telling")).to_contain_text("Telling the speakers apart · about 2 minutes left")
    expect(page.locator(".rt-telling .rt-bar")).to_have_attribute("aria-valuenow", "40")
    expect(page.locator(".rt-line-text").first).to_have_text("Remark number 0.")
    page.unroute("**/api/jobs/untold")
    answering(page, {**TELLING, "status": "failed", "error": REFUSED})
    expect(page.locator(".rt-telling .rt-card-error")).to_contain_text(
        "It broke. Look at it. The text itself is complete."
    )
    expect(page.locator(".rt-line-text").first).to_have_text("Remark number 0.")
    expect(page.locator("#rt-tell-retry")).to_have_text("Try again")
