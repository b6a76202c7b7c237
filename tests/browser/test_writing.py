"""Writing on the screen: asked for, heard where it came from, compared and taken one by one, saved."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engines.requests_writing import WriteItem
from media.transcript import Segment
from tests.browser.conftest import Server, chromium
from tests.browser.seeding import Recording, seed
from tests.browser.written import write_into
from tests.weights.writing_weights import writing_weights
from tests.workbench.writing.scripted import material
from workbench.history.history import History
from workbench.writing.wish import WriteRequest

SAID = (
    ("甲", "嗯大家好，今天先说新版网站的上线时间。"), ("乙", "开发完成了百分之八十五，支付接口还在等审批。"),
    ("甲", "那就定了，三月二十号上线，三月十五号提测。"), ("甲", "第二个事情是预算，推广预算是三百二十万。"),
    ("甲", "李明联系展会主办方，下周三之前把合同发给我。"), ("乙", "可以，我下周三之前发给您。"),
)  # fmt: skip
MEETING = Recording(
    "meeting",
    "项目例会",
    tuple(Segment(n * 6.0, n * 6.0 + 5, text, (), "zh", who) for n, (who, text) in enumerate(SAID)),
    "zh",
)
MINUTES = (
    '{"topics":[{"text":"讨论了新版网站的上线时间","from":[1]}],"decisions":[{"text":"三月二十号上线，三月十五号提测","from":'
    '[3]},{"text":"公司决定收购火星上的矿山","from":[2]}],"tasks":[{"who":"李明","what":"联系展会主办方并发合同",'
    '"when":"下周三之前","from":[5]}]}'
)
NOW = "document.querySelector('.rt-player audio').currentTime"


def polished(item: WriteItem) -> str:
    said = {n: text.replace("嗯", "").replace("三百二十万", "三百万") for n, text in material(item)}
    return "\n".join(f"[{n}] {text}" for n, text in said.items() if "审批" not in text)


def translated(item: WriteItem) -> str:
    return "\n".join(f"[{n}] This is what was said in line {n}." for n, _ in material(item))


@pytest.fixture(scope="module")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium()
    folder = tmp_path_factory.mktemp("writing")
    seed(folder / "data", root / "history.db-schema", (MEETING,))
    history = History(folder / "data" / "history.db", root / "history.db-schema")
    for request, answer in (
        (WriteRequest(kind="minutes"), lambda item: MINUTES),
        (WriteRequest(kind="polish"), polished),
        (WriteRequest(kind="subtitles", language="en"), translated),
        (WriteRequest(kind="chapters"), lambda item: "[1] 上线时间\n[4] 预算"),
        (WriteRequest(kind="title"), lambda item: "网站上线与预算例会"),
    ):
        write_into(folder / "data", history, MEETING, request, answer)
    history.close()
    server = Server(root, folder, models_folder)
    server.start()
    yield server.address
    server.stop()


def shown(opened, kind: str, **how: object) -> Page:
    how = {"language": "zh", **how}
    page = opened(f"/?job=meeting-{kind}", **how)
    page.wait_for_selector(".rt-write-body > *")
    return page


def test_a_click_on_a_decision_plays_the_recording_where_it_was_made(opened) -> None:
    page = shown(opened, "minutes")
    page.get_by_text("三月二十号上线，三月十五号提测").click()
    page.wait_for_function(f"{NOW} >= 12 && {NOW} < 17")


def test_what_nobody_said_is_marked_and_has_nothing_to_play(opened) -> None:
    page = shown(opened, "minutes")
    bare = page.locator(".rt-write-sentence", has_text="火星")
    expect(bare.locator(".rt-write-warn")).to_contain_text("找不到依据")
    expect(bare.locator("button")).to_have_count(0)
    expect(page.locator(".rt-write-odd")).to_be_visible()


def test_tasks_show_who_and_by_when_and_go_into_a_word_file(opened) -> None:
    page = shown(opened, "minutes")
    expect(page.locator(".rt-write-who")).to_have_text("李明")
    expect(page.locator(".rt-write-when")).to_have_text("下周三之前")
    page.click("#rt-write-download")
    with page.expect_download() as saved:
        page.get_by_role("menuitem").first.click()
    with zipfile.ZipFile(io.BytesIO(Path(saved.value.path()).read_bytes())) as file:
        words = file.read("word/document.xml").decode()
    assert "李明" in words and "决定" in words and saved.value.suggested_filename.endswith(".docx")


def test_sentences_are_compared_taken_one_by_one_and_put_into_the_transcript(opened) -> None:
    page = shown(opened, "polish")
    row = page.locator(".rt-write-pair[data-id='1']")
    expect(row.locator("del")).to_have_text("嗯")
    odd = page.locator(".rt-write-pair[data-id='4']")
    expect(odd.locator("del").first).to_be_visible()
    expect(odd.locator(".rt-write-warn").first).to_contain_text("三百二十万")
    odd.get_by_role("button", name="用原文").click()
    expect(page.locator(".rt-write-pair[data-id='4']")).to_have_class("rt-write-pair left")
    expect(page.locator(".rt-write-pair.kept .rt-write-warn")).to_contain_text("没能写好")
    page.reload()
    expect(page.locator(".rt-write-pair[data-id='4']")).to_have_class("rt-write-pair left")
    page.click("#rt-write-apply")
    expect(page.locator(".rt-toast")).to_contain_text("1 行")
    page.locator(".rt-toast .rt-button.text").click()
    expect(page.locator(".rt-toast").last).to_contain_text("恢复")


def test_subtitles_come_in_two_languages_at_the_times_of_their_lines(opened) -> None:
    page = shown(opened, "subtitles")
    page.click("#rt-write-download")
    with page.expect_download() as saved:
        page.get_by_role("menuitem").first.click()
    text = Path(saved.value.path()).read_text("utf-8")
    assert text.startswith("1\n00:00:00,000 --> 00:00:05,000\nThis is what was said in line 1.\n嗯大家好")


def test_chapters_and_a_title_are_taken_over_and_taken_back(opened) -> None:
    page = shown(opened, "chapters")
    page.click("#rt-write-apply")
    expect(page.locator(".rt-toast")).to_be_visible()
    page.click("#rt-back")
    page.locator(".rt-chapter", has_text="预算").click()
    page.wait_for_function(f"{NOW} >= 18 && {NOW} < 24")
    expect(page.locator(".rt-write-link")).to_have_count(5)
    page.locator(".rt-write-link", has_text="标题").click()
    page.click("#rt-write-apply")
    expect(page.locator(".rt-toast").last).to_contain_text("标题")
    page.click("#rt-back")
    expect(page.locator(".rt-work .rt-work-title h1")).to_have_text("网站上线与预算例会")


def test_the_button_on_a_transcript_asks_what_and_says_what_is_missing(opened) -> None:
    page = opened("/?job=meeting", language="zh")
    page.click("#rt-write-open")
    page.wait_for_selector(".rt-write-dialog .rt-write-lacking > *")
    page.check("#rt-ask-free", force=True)
    expect(page.locator("#rt-write-go")).to_be_disabled()


DROP = """(signs) => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(signs)], "notes.txt", { type: "text/plain" }));
  const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: held });
  document.querySelector("rt-write").dispatchEvent(drop);
}"""


def test_a_text_file_of_a_chinese_editor_is_dropped_and_the_text_before_it_comes_back(opened) -> None:
    page = opened("/", language="zh")
    page.click("#rt-tab-write-button")
    page.focus("#rt-write-from-text")
    page.keyboard.press("Enter")
    expect(page.locator("#rt-write-from-text")).to_be_focused()
    page.fill("#rt-write-text", "原来的文字")
    page.evaluate(DROP, list("张伟下周交报告。".encode("gb18030")))
    expect(page.locator("#rt-write-text")).to_have_value("张伟下周交报告。")
    page.locator(".rt-toast button").first.click()
    expect(page.locator("#rt-write-text")).to_have_value("原来的文字")


@pytest.mark.weights
def test_chinese_is_translated_by_its_small_model_as_one_looks_on_and_saved(opened) -> None:
    spec, _ = writing_weights("opus-mt-zh-en")
    page = opened("/", language="zh")
    page.click("#rt-tab-write-button")
    page.click("#rt-write-from-text")
    page.fill("#rt-write-text", "我们把上线时间定在三月二十号。\n预算增加了百分之十五。")
    page.check("#rt-write-translate", force=True)
    page.select_option("#rt-write-language", "en")
    expect(page.locator(".rt-write-model")).to_contain_text(spec.title)
    page.click("#rt-write-start")
    page.wait_for_selector("#rt-write-download", timeout=60_000)
    expect(page.locator(".rt-write-pairs")).to_contain_text("March")
    page.click("#rt-write-download")
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Word").click()
    with zipfile.ZipFile(io.BytesIO(Path(saved.value.path()).read_bytes())) as file:
        assert "March" in file.read("word/document.xml").decode()


def test_what_was_written_from_a_recording_can_be_read_aloud(opened) -> None:
    page = opened("/", language="zh")
    page.click("#rt-tab-aloud-button")
    page.click("#rt-aloud-from")
    page.locator(".rt-aloud-pick", has_text="会议纪要").click()
    expect(page.locator(".rt-aloud-paper")).to_have_text("项目例会 · 会议纪要")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_sticks_out_of_the_page(opened, width: int, language: str) -> None:
    for kind in ("minutes", "polish", "subtitles"):
        page = shown(opened, kind, language=language, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_a_form_of_the_office_is_written_on_the_screen(opened) -> None:
    page = opened("/", language="zh")
    page.click("#rt-tab-write-button")
    page.check("#rt-write-template", force=True)
    page.click("#rt-write-templates")
    page.fill("#rt-template-name", "周报")
    page.fill("#rt-template-text", "# 本周完成\n# 下周计划")
    page.click("#rt-template-save")
    expect(page.locator(".rt-write-template select")).to_contain_text("周报")
