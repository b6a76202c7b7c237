"""What every screen owes everybody: both languages, both lights, a telephone's width, and nothing from outside."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from engines import catalog
from engines.requests import TranscribeRequest
from tests.browser.conftest import Opened
from tests.browser.seeding import EVIL

SCREENS = {
    "transcribe": ("/", None, "#rt-drop"),
    "live": ("/", "live", "#rt-live-start"),
    "sound": ("/", "sound", "rt-sound .rt-drop"),
    "voices": ("/", "voices", "rt-voices .rt-panel:not([hidden])"),
    "write": ("/", "write", "#rt-write-start"),
    "aloud": ("/", "aloud", "rt-aloud textarea"),
    "video": ("/", "video", "rt-video .rt-drop"),
    "history": ("/", "history", ".rt-record"),
    "system": ("/", "system", "#rt-models li"),
    "figures": ("/?place=figures", "system", ".rt-chart"),
    "workplace": ("/?job=meeting", None, ".rt-line"),
}
ALLOWED_WORDS = {
    # Names, and what people call these things in Chinese too.
    "Roomtone", "English", "Whisper", "Distil-Whisper", "MIT", "Word", "Ctrl", "Alt", "Esc", "SRT", "VTT", "zip",
    "tiny", "base", "small", "medium", "large", "turbo", "v", "en", "distil", "GB", "MB", "KB", "Apache",
    "metrics", "", "ROOMTONE", "SETUP", "no", "speakers", "restore", "text", "video",
    "OpenAI", "http", "TXT", "DOCX", "bit", "Python",
    "vLLM", "Ollama", "LM", "Studio", "NVIDIA",
}  # fmt: skip
WORD = r"[A-Za-z][A-Za-z-]+"
MODEL_WORDS = {word for spec in catalog.MODELS for word in re.findall(WORD, f"{spec.title} {spec.licence}")}
"""Models and their licences keep their names in every language; which of them are seen depends on the packs and weights
that are there.
"""
VISIBLE_WORDS = """() => {
  const told = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (holder.closest("script, style, .rt-record-title, .rt-tag, .rt-line-text, h1, .rt-card h3")) continue;
    if (holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) told.push(node.data);
  }
  for (const holder of document.querySelectorAll("[title], [aria-label], [placeholder]")) {
    if (!holder.checkVisibility() || holder.closest(".rt-record, .rt-line-text, h1, #rt-language")) continue;
    told.push(holder.title || "", holder.getAttribute("aria-label") || "", holder.getAttribute("placeholder") || "");
  }
  return told.join("\\n");
}"""

STICKING_OUT = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".tab-wrapper") && e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => `#${e.id} .${e.className} ${e.getBoundingClientRect().right} ${e.textContent.slice(0, 50)}`)"""


def shown(opened: Opened, screen: str, **how: object) -> Page:
    path, tab, mark = SCREENS[screen]
    page = opened(path, **how)
    if tab is not None:
        page.click(f"#rt-tab-{tab}-button")
    page.wait_for_selector(mark)
    return page


@pytest.mark.parametrize("screen", SCREENS)
def test_a_chinese_screen_has_no_english_word(opened, screen) -> None:
    page = shown(opened, screen, language="zh")
    if screen == "transcribe":
        page.click("#rt-more button")
        page.wait_for_selector("#rt-beam input")
    told = page.evaluate(VISIBLE_WORDS)
    words = set(re.findall(WORD, told)) - MODEL_WORDS - ALLOWED_WORDS
    assert sorted(word for word in words if not set(word.split("-")) <= ALLOWED_WORDS | MODEL_WORDS) == []
    assert re.search(r"[\u4e00-\u9fff]", told)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_sentence_is_missing(opened, screen, language) -> None:
    page = opened("/", language=language)
    missing: list[str] = []
    page.on("console", lambda message: missing.append(message.text) if "no sentence" in message.text else None)
    page.reload()
    page.wait_for_selector(".rt-alive rt-header .rt-brand")
    told = shown(opened, screen, language=language).evaluate(VISIBLE_WORDS)
    assert missing == []
    assert not re.search(r"\b(form|tab|work|history|system|action)\.[a-z]+|__i18n__|\{\w+\}", told)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_telephone_never_scrolls_sideways(opened, screen, language) -> None:
    page = shown(opened, screen, language=language, width=360)
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_error_that_names_a_long_address_does_not_widen_a_telephone(opened) -> None:
    page = opened("/", width=360)

    def models(route: Route) -> None:
        told = route.fetch().json()
        for model in told if isinstance(told, list) else told["models"]:
            model["error"] = {
                "code": "x",
                "message": f"No answer from https://{'long' * 20}.example/simple/",
                "hint": None,
            }
        route.fulfill(json=told)

    page.route("**/api/models", models)
    page.click("#rt-tab-system-button")
    page.wait_for_selector("#rt-models .rt-card-error")
    assert page.evaluate(STICKING_OUT) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_everything_that_can_be_operated_has_a_name(opened, screen) -> None:
    page = shown(opened, screen)
    nameless = page.evaluate("""() => ["header", "intake", "history", "system", "workplace", "live", "sound", "voices",
      "write", "aloud", "video"]
      .flatMap((name) => [...document.querySelectorAll(`rt-${name} *`)])
      .filter((e) => e.matches("button, a, input, select, textarea, [role=slider]") && e.checkVisibility())
      .filter((e) => !(e.ariaLabel || e.title || e.textContent.trim() || e.labels?.[0]?.textContent.trim()))
      .map((e) => e.outerHTML)""")
    assert nameless == []


def test_what_the_form_asks_for_at_first_is_what_the_program_means_by_default(opened) -> None:
    page = opened("/")
    page.wait_for_selector("#rt-quality input")
    usual = json.loads(json.dumps(TranscribeRequest().to_dict()))
    asked = page.evaluate("roomtone.form.request()")
    assert {**usual, "vad": {**usual["vad"], **asked["vad"]}} == {**asked, "vad": {**usual["vad"], **asked["vad"]}}
    assert asked["vad"].items() <= usual["vad"].items()


def test_a_model_chosen_by_name_stands_in_for_the_quality_until_another_is_chosen(opened) -> None:
    page = opened("/")

    def models(route: Route) -> None:
        told = route.fetch().json()
        for model in told["models"]:
            model["installed"] = model["name"] in ("base", "tiny.en")
        route.fulfill(json=told)

    page.route("**/api/models", models)
    page.reload()
    page.click("#rt-more button")
    expect(page.locator("#rt-model option")).to_have_count(3)
    page.select_option("#rt-model", "tiny.en")
    assert page.evaluate("roomtone.form.request().quality") == "model:tiny.en"
    page.reload()
    page.click("#rt-more button")
    expect(page.locator("#rt-model")).to_have_value("tiny.en")
    page.click("#rt-quality label:has(input[value=best])")
    expect(page.locator("#rt-model")).to_have_value("")
    assert page.evaluate("roomtone.form.request().quality") == "best"


def test_a_number_beyond_its_field_becomes_the_nearest_that_is_taken(opened) -> None:
    page = opened()
    page.wait_for_selector("#rt-quality input")
    page.click("#rt-more .label-wrap")
    for field, value, kept in (("beam", "99", "10"), ("silence", "-5", "0"), ("threshold", "7", "0.95")):
        page.fill(f"#rt-{field} input", value)
        page.keyboard.press("Tab")
        expect(page.locator(f"#rt-{field} input")).to_have_value(kept)
    page.wait_for_function("roomtone.form.request().vad.threshold === 0.95")
    asked = page.evaluate("roomtone.form.request()")
    assert (asked["beam_size"], asked["vad"]["min_silence_duration_ms"]) == (10, 0)


def test_automatic_and_named_languages_exclude_each_other(opened) -> None:
    page = opened("/")
    choose = page.locator("#rt-languages input")
    choose.click()
    page.get_by_role("option", name="German").click()
    choose.click()
    page.get_by_role("option", name="French").click()
    expect(page.locator("#rt-languages .token")).to_have_text(["German", "French"])
    assert page.evaluate("roomtone.form.request().languages") == ["de", "fr"]
    page.reload()
    expect(page.locator("#rt-languages .token")).to_have_text(["German", "French"])
    page.locator("#rt-languages input").click()
    page.get_by_role("option", name="Automatic").click()
    expect(page.locator("#rt-languages .token")).to_have_text(["Automatic"])
    assert page.evaluate("roomtone.form.request().language") is None


def test_the_language_can_be_switched_and_is_remembered(opened) -> None:
    page = opened("/", language="en")
    expect(page.locator("#rt-drop h1")).to_have_text("Drop recordings here")
    page.click("#rt-language")
    expect(page.locator("#rt-drop h1")).to_have_text("把录音拖到这里")
    expect(page.locator("#rt-tab-history-button")).to_contain_text("历史记录")
    page.reload()
    expect(page.locator("#rt-drop h1")).to_have_text("把录音拖到这里")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_light_follows_the_system_until_it_is_switched(opened) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    dark, light = opened("/", theme="dark"), opened("/", theme="light")
    assert dark.evaluate(ground) != light.evaluate(ground)
    before = light.evaluate(ground)
    light.click("#rt-theme")
    assert light.evaluate("document.documentElement.dataset.theme") == "dark" and light.evaluate(ground) != before
    light.reload()
    light.wait_for_selector("#rt-drop")
    assert light.evaluate("document.body.classList.contains('dark')")


def test_markup_in_names_tags_and_text_is_only_ever_text(opened) -> None:
    page = opened("/?job=hostile")
    expect(page.locator(".rt-line-text").first).to_contain_text("onerror")
    expect(page.locator(".rt-work-title h1")).to_have_text(EVIL)
    page.click("#rt-back")
    page.click("#rt-tab-history-button")
    page.wait_for_selector("#rt-record-hostile")
    page.fill("#rt-search", "onerror")
    expect(page.locator(".rt-hit mark").first).to_be_visible()
    assert page.title() != "taken"
    assert page.locator("rt-history img, rt-workplace img, .rt-record script").count() == 0


PACK = {"name": "video", "installed": False, "size_mb": 1000, "tab": "", "installing": None, "error": None}
GOING = {"progress": 0.42, "step": "step_collect", "name": "torch  512 MB"}
REFUSED = {"code": "pack_no_network", "values": {}, "message": "No index.", "hint": "Check it."}


@pytest.mark.parametrize(
    ("state", "obstacle", "told", "deed"),
    [
        ({}, None, "no screen for it yet", "Install"),
        ({"installed": True}, None, "no screen for it yet", "Installed"),
        ({"installed": True, "tab": "system"}, None, "up to 1 GB", "Open"),
        ({"installing": GOING}, None, "Fetching torch 512 MB", "42 %"),
        ({"error": REFUSED}, None, "No index.", "Install again"),
        ({}, "pack_ask", "--with video", None),
        ({}, "pack_elsewhere", "ROOMTONE_SETUP=no", None),
    ],
)
def test_a_pack_says_what_it_brings_how_far_it_is_and_what_can_be_done(opened, state, obstacle, told, deed) -> None:
    page = opened("/")
    content = json.dumps({"packs": [{**PACK, **state}], "obstacle": obstacle})
    page.route("**/api/packs", lambda route: route.fulfill(body=content, content_type="application/json"))
    page.click("#rt-tab-system-button")
    pack = page.locator("rt-pack[pack=video]")
    expect(pack).to_contain_text(told)
    if deed is None:
        expect(pack.locator("button")).to_have_count(0)
    else:
        expect(pack.locator(".rt-state, button")).to_have_text(deed)


def test_packs_are_installed_from_here_only_where_setup_made_this_python(opened, root) -> None:
    page = shown(opened, "system")
    if Path(sys.prefix).resolve() == (root / ".venv").resolve():
        expect(page.locator("rt-pack[pack=video] button")).to_have_count(1)
    else:
        expect(page.locator("rt-pack[pack=video]")).to_contain_text("ROOMTONE_SETUP=no")
        expect(page.locator("rt-pack button")).to_have_count(0)


def test_a_hostile_file_name_is_only_ever_text(opened, tmp_path) -> None:
    page = opened("/")
    page.wait_for_selector("#rt-picker", state="attached")
    content = {"name": f"{EVIL}.wav", "mimeType": "audio/wav", "buffer": b"no sound at all"}
    page.set_input_files("#rt-picker", content)
    expect(page.locator(".rt-file-name")).to_contain_text("onerror")
    page.wait_for_selector(".rt-file.arrived")
    page.click("#rt-start")
    page.wait_for_selector(".rt-card.failed", timeout=60_000)
    expect(page.locator(".rt-card-error strong")).not_to_be_empty()
    expect(page.locator(".rt-card button", has_text="Try again")).to_have_count(0)
    assert page.title() != "taken" and page.locator("rt-intake img").count() == 0


PACE = """async () => {
  const { Pace } = await import("/screens/pace.js"), pace = new Pace(), seen = [];
  const job = { status: "running", progress: 0.2, time_left_s: 40 };
  for (const [at, news] of [[0, {}], [4, null], [8, {}], [8, { progress: 0.3, time_left_s: 35 }], [1000, null]]) {
    if (news) pace.take({ ...job, ...news }, at);
    seen.push([pace.share(at), pace.left(40, at)]);
  }
  return seen;
}"""


DROP = """() => {
  const file = (name) => ({ name, isFile: true, file: (take) => take(new File(["x"], name)) });
  const folder = (name, ...inside) => ({ name, isDirectory: true, createReader: () => {
    const told = [inside, []];
    return { readEntries: (take) => take(told.shift()) };
  } });
  const morning = folder("morning", ...["10.wav", "9.wav", "notes.txt", ".hidden.wav"].map(file));
  const items = [folder("Monday", morning), folder("letters")];
  const event = new Event("drop", { bubbles: true, cancelable: true });
  const taken = items.map((entry) => ({ kind: "file", getAsFile: () => null, webkitGetAsEntry: () => entry }));
  event.dataTransfer = { types: ["Files"], items: taken };
  document.body.dispatchEvent(event);
}"""


def test_recordings_in_dropped_folders_are_taken_also_beside_another_tab(opened) -> None:
    page = opened()
    page.wait_for_selector("#rt-picker", state="attached")
    page.click("#rt-tab-history-button")
    page.evaluate(DROP)
    expect(page.locator(".rt-file-name")).to_have_text(["9.wav", "10.wav"])
    expect(page.locator("#rt-start")).to_be_visible()
    expect(page.locator(".rt-toast")).to_contain_text("letters")
    for _ in range(2):
        page.locator(".rt-file button[title='Remove']").first.click()


def test_a_file_that_the_server_could_not_take_is_sent_when_it_is_back(opened) -> None:
    page = opened()
    page.wait_for_selector("#rt-picker", state="attached")
    for asked in ("**/api/uploads*", "**/health"):
        page.route(asked, lambda route: route.abort())
    page.set_input_files("#rt-picker", {"name": "a.wav", "mimeType": "audio/wav", "buffer": b"no sound at all"})
    expect(page.locator(".rt-file.lost")).to_contain_text("Waits for the connection")
    assert page.locator(".rt-file use").evaluate_all("(all) => all.every((one) => one.getBBox().width > 0)")
    page.unroute_all()
    page.wait_for_selector(".rt-file.arrived")
    page.locator(".rt-file button[title='Remove']").click()


def test_a_bar_goes_on_between_two_messages_never_back_and_never_to_its_end(opened) -> None:
    seen = opened("/").evaluate(PACE)
    shares, lefts = [share for share, _ in seen], [left for _, left in seen]
    assert shares == sorted(shares) and shares[0] == 0.2 and shares[1] > 0.2 and shares[-1] < 0.6
    assert lefts == [40, 36, 32, 35, None]


def test_the_button_that_takes_a_language_away_says_which(opened) -> None:
    page = opened("/", language="zh")
    page.locator("#rt-languages input").click()
    page.get_by_role("option", name="德语", exact=True).click()
    expect(page.locator("#rt-languages .token .token-remove")).to_have_attribute("aria-label", "移除德语")
    page.locator("#rt-languages input").click()
    page.get_by_role("option", name="法语", exact=True).click()
    crosses = page.locator("#rt-languages .token .token-remove")
    expect(crosses.nth(1)).to_have_attribute("aria-label", "移除法语")
    crosses.nth(0).click()
    expect(crosses).to_have_count(1)
    expect(crosses).to_have_attribute("aria-label", "移除法语")


def test_the_chosen_tab_comes_into_view_on_a_telephone(opened: Opened) -> None:
    page = opened("/", width=390)
    strip = page.locator("#rt-tabs > .tab-wrapper")
    expect(strip).to_have_class(re.compile(r"\bafter\b"))
    page.locator("#rt-tab-system-button").evaluate("tab => tab.click()")
    expect(page.locator("#rt-tab-system-button")).to_be_in_viewport(ratio=1)
    expect(strip).to_have_class(re.compile(r"\bbefore\b"))
