"""The fields of a transcription request, and how their values reach the scripts of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from webui.languages import AUTOMATIC, CODES

_NOTE = "(...values) => { roomtone.form.take(NAMES, values); }"
_RECALL = "() => roomtone.form.recall(NAMES)"
_LANGUAGES = "(chosen) => [roomtone.form.languages(chosen)]"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the request (dots for what is nested) and its component."""

    name: str
    component: Component


def transcribe_fields(say: gr.I18n) -> list[Field]:
    """Builds the fields where it is called; five are seen, the rest wait in a drawer."""
    quality = gr.Radio(
        [(say(f"form.quality.{name}"), name) for name in ("fast", "balanced", "best")],
        value="balanced",
        label=say("form.quality"),
        elem_id="rt-quality",
    )
    languages = gr.Dropdown(
        [(say("form.language.auto"), AUTOMATIC), *((say(f"language.{code}"), code) for code in CODES)],
        value=[AUTOMATIC],
        multiselect=True,
        label=say("form.language"),
        info=say("form.language.info"),
        elem_id="rt-languages",
    )
    with gr.Group(elem_id="rt-output-group"):
        output = gr.Radio(
            [(say("form.output.spoken"), "spoken"), (say("form.output.english"), "english")],
            value="spoken",
            label=say("form.output"),
            elem_id="rt-output",
        )
        script = gr.Radio(
            [(say(f"form.script.{name}"), name) for name in ("simplified", "traditional")],
            value="simplified",
            label=say("form.script"),
            elem_id="rt-script",
        )
    speakers = _speakers(say)
    hotwords = gr.Textbox(
        label=say("form.hotwords"),
        placeholder=say("form.hotwords.placeholder"),
        lines=2,
        max_lines=6,
        max_length=1000,
        elem_id="rt-hotwords",
    )
    fields = [
        Field("quality", quality),
        Field("languages", languages),
        Field("output", output),
        Field("script", script),
        *speakers,
        Field("hotwords", hotwords),
        *_drawer(say),
    ]
    return fields


def _speakers(say: gr.I18n) -> list[Field]:
    """Builds the switch, and what is seen only where it is on: how many people, and the pack where that is missing."""
    with gr.Group(elem_id="rt-speakers-group"):
        switch = gr.Checkbox(
            False, label=say("form.speakers"), info=say("form.speakers.info"), elem_id="rt-speakers-switch"
        )
        gr.HTML("<rt-speakers-pack></rt-speakers-pack>", js_on_load=None, apply_default_css=False)
        count = gr.Radio(
            [(say(f"form.speakers.{name}"), name) for name in ("auto", "exact", "range", "channels")],
            value="auto",
            label=say("form.speakers.count"),
            elem_id="rt-speakers-count",
            elem_classes="rt-away",
        )
        with gr.Row(elem_id="rt-speakers-numbers"):
            numbers = [
                gr.Number(
                    value,
                    minimum=1,
                    maximum=30,
                    step=1,
                    min_width=100,
                    label=say(f"form.speakers.{name}"),
                    elem_id=f"rt-speakers-{name}",
                    elem_classes="rt-away",
                )
                for name, value in (("n", 2), ("least", 2), ("most", 6))
            ]
    named = zip(("n", "least", "most"), numbers, strict=True)
    fields = [Field(f"speakers.{name}", number) for name, number in named]
    return [Field("speakers.on", switch), Field("speakers.count", count), *fields]


def _drawer(say: gr.I18n) -> list[Field]:
    with gr.Accordion(say("form.more"), open=False, elem_id="rt-more"):
        clean = _clean(say)
        gr.HTML("<rt-model-choice></rt-model-choice>", js_on_load=None, apply_default_css=False)
        itn = gr.Checkbox(False, label=say("form.itn"), info=say("form.itn.info"), elem_id="rt-itn")
        words = gr.Checkbox(True, label=say("form.words"), info=say("form.words.info"), elem_id="rt-words")
        beam = _number(say, "beam", None, 1, 10, 1, placeholder=say("form.beam.usual"))
        threshold = _number(say, "threshold", 0.5, 0.05, 0.95, 0.05)
        silence = _number(say, "silence", 500, 0, 10_000, 100)
        pad = _number(say, "pad", 200, 0, 2_000, 50)
    return [
        *clean,
        Field("itn", itn),
        Field("word_timestamps", words),
        Field("beam_size", beam),
        Field("vad.threshold", threshold),
        Field("vad.min_silence_duration_ms", silence),
        Field("vad.speech_pad_ms", pad),
    ]


def _clean(say: gr.I18n) -> list[Field]:
    """Builds the switch, and what is seen only where it is on: how, and the pack where that is missing."""
    with gr.Group(elem_id="rt-clean-group"):
        switch = gr.Checkbox(False, label=say("form.clean"), info=say("form.clean.info"), elem_id="rt-clean-switch")
        way = gr.Radio(
            [(say(f"form.clean.{name}"), name) for name in ("denoise", "restore")],
            value="denoise",
            label=say("form.clean.way"),
            elem_id="rt-clean-way",
            elem_classes="rt-away",
        )
        gr.HTML("<rt-clean-time></rt-clean-time>", js_on_load=None, apply_default_css=False)
    return [Field("clean.on", switch), Field("clean.way", way)]


def _number(
    say: gr.I18n, name: str, value: float | None, least: float, most: float, step: float, **more: Any
) -> gr.Number:
    # Not a slider: Gradio's says "reset" and "number input" in English, whatever the language.
    return gr.Number(
        value,
        minimum=least,
        maximum=most,
        step=step,
        label=say(f"form.{name}"),
        info=say(f"form.{name}.info"),
        elem_id=f"rt-{name}",
        **more,
    )


def connect(blocks: gr.Blocks, fields: list[Field]) -> None:
    """Tells the page's scripts of every change, and brings back what this browser chose last; no server is asked."""
    names = str([field.name for field in fields])
    components: list[Any] = [field.component for field in fields]
    quiet: dict[str, Any] = {"fn": None, "show_progress": "hidden", "queue": False, "api_visibility": "private"}
    blocks.load(js=_RECALL.replace("NAMES", names), outputs=components, **quiet)
    for field in fields:
        if field.name == "languages":
            field.component.input(js=_LANGUAGES, inputs=[field.component], outputs=[field.component], **quiet)  # type: ignore[attr-defined]
        field.component.change(js=_NOTE.replace("NAMES", names), inputs=components, **quiet)  # type: ignore[attr-defined]
