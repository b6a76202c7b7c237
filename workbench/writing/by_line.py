"""Polishing and translating: each sentence comes back, is asked for again where it is lost, or stays as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import partial

from workbench.writing.aligned import OPENINGS, QUOTES, doubled, moved, shares_words, shifted, translates
from workbench.writing.figures import compared
from workbench.writing.languages import same_words, script_of
from workbench.writing.numbered import read_marks, read_numbered, unnumbered
from workbench.writing.result import Pair, PartTold, Result
from workbench.writing.rounds import Ask, Reply, Round
from workbench.writing.sentences import Sentence, pieces_of
from workbench.writing.setting import Setting
from workbench.writing.sizes import LINE_TOKENS, LINES_TOKENS, growth

AGAIN = (4, 1)
"""Lost sentences are asked for again so many at once, at last each alone."""
LEAST_LIKE = {"standard": 0.4, "formal": 0.12, "casual": 0.12, "concise": 0.12, "detailed": 0.12}
"""So much like its source a polished sentence must be, or the model answered it instead of polishing it."""
LEAST_LONG = {"standard": 0.5, "formal": 0.5, "casual": 0.4, "concise": 0.25, "detailed": 0.7}
"""So long it must be, as a share of its source: what is much shorter left something out, or obeyed what was said."""


def by_line(setting: Setting) -> Round:
    """Writes every sentence of a document anew; returns the Result."""
    found: dict[int, str] = {}
    tried: set[int] = set()
    groups = [part.sentences for part in setting.parts]
    for size in (None, *AGAIN):
        if size is not None:
            lost = [one for one in setting.sentences if one.id not in found]
            tried.update(one.id for one in lost)
            groups = [tuple(lost[at : at + size]) for at in range(0, len(lost), size)]
        if groups:
            replies = yield [_ask(setting, group, number, size is not None) for number, group in enumerate(groups)]
            for group, reply in zip(groups, replies, strict=True):
                found |= _read(setting, group, reply, strict=size != AGAIN[-1])
    return _result(setting, found, tried)


def _ask(setting: Setting, group: Sequence[Sentence], number: int, again: bool) -> Ask:
    texts = [one.text for one in group]
    room = sum(setting.count(text) for text in texts) * growth(setting.request)
    limit = round(room) + LINE_TOKENS * len(texts) + LINES_TOKENS
    signs = sum(len(text) for text in texts)
    build = partial(setting.prompts.lines, texts)
    lines = tuple(tuple(pieces_of(text)) for text in texts)
    return Ask("again" if again else "read", build, signs, limit, None if again else number, retry=again, lines=lines)


def _read(setting: Setting, group: Sequence[Sentence], reply: Reply, strict: bool) -> dict[int, str]:
    """Returns the sentences that came back as they should; the last one of an answer that was cut off did not.

    None did where they stand beside their numbers. A ``strict`` look also wants nothing of the source's script in a
    translation, for which it is asked again.
    """
    lines = read_numbered(reply.text, range(1, len(group) + 1))
    if not lines and len(group) == 1:
        alone = [line.strip() for line in reply.text.splitlines() if line.strip() and not line.startswith("<<")]
        lines = {1: unnumbered(alone[0])} if len(alone) == 1 else {}
    if reply.whole and lines and max(lines) < len(group):
        # Two sentences became one somewhere, and all behind them have numbers of others.
        return {}
    if not reply.whole and lines:
        lines.pop(max(lines))
    pairs = [(one.text, lines.get(number, "")) for number, one in enumerate(group, start=1)]
    if shifted(pairs) or doubled(pairs) or (_same_words(setting) and moved(pairs)):
        return {}
    found: dict[int, str] = {}
    said: dict[str, str] = {}
    for number, text in sorted(lines.items()):
        sentence = group[number - 1]
        text = _unquoted(_unspoken(text, sentence), sentence.text)
        if read_marks(text).numbers and not read_marks(sentence.text).numbers:
            # The next sentence is on the same line, behind its number.
            continue
        if _fits(setting, sentence.text, text, strict) and said.setdefault(text, sentence.text) == sentence.text:
            found[sentence.id] = text
    return found


def _fits(setting: Setting, before: str, after: str, strict: bool) -> bool:
    mixed = setting.request.kind == "polish" and script_of(before) == script_of(after)
    if not after or not (mixed or setting.speaks(after)) or len(after) > 40 + 6 * len(before):
        return False
    across = not _same_words(setting)
    if across or setting.request.kind != "polish" or len(before) < 8:
        if across and not translates(before, after, whole=strict):
            return False
        return not across or before != after or setting.speaks(before) or not any(sign.isalpha() for sign in before)
    like = SequenceMatcher(None, before.lower(), after.lower(), autojunk=False).ratio()
    style = setting.request.style
    return like >= LEAST_LIKE[style] and len(after) >= LEAST_LONG[style] * len(before) and shares_words(before, after)


def _same_words(setting: Setting) -> bool:
    return same_words(setting.language, setting.spoken_language)


def _unquoted(text: str, before: str) -> str:
    """Takes away the quotes that a small model puts around a sentence that has none."""
    for opening, closing in QUOTES:
        if len(text) > 2 and text.startswith(opening) and text.endswith(closing) and before[:1] not in OPENINGS:
            inner = text[1:-1].strip()
            return text if opening in inner or closing in inner else inner
    return text


def _unspoken(text: str, sentence: Sentence) -> str:
    """Takes away the speaker that a model wrote before a sentence though it was not part of it."""
    speaker = sentence.speaker
    if speaker and not sentence.text.startswith(speaker) and text.startswith(speaker):
        return text[len(speaker) :].lstrip(":： ")
    return text


def _result(setting: Setting, found: dict[int, str], tried: Iterable[int]) -> Result:
    across = not _same_words(setting)
    pairs = tuple(_pair(one, found.get(one.id), setting.names, across) for one in setting.sentences)
    again = frozenset(tried)
    parts = tuple(
        PartTold(
            number,
            part.ids[0],
            part.ids[-1],
            "kept" if any(one not in found for one in part.ids) else "again" if again & set(part.ids) else "read",
            sum(one in found for one in part.ids),
            *(part.span or (None, None)),
        )
        for number, part in enumerate(setting.parts)
    )
    n_kept = sum(pair.state == "kept" for pair in pairs)
    notes = ({"code": "write_kept", "values": {"n": n_kept, "of": len(pairs)}},) if n_kept else ()
    return Result(setting.request.kind, setting.language, pairs=pairs, parts=parts, notes=notes)


def _pair(one: Sentence, after: str | None, names: Sequence[str], across: bool) -> Pair:
    if after is None or after == one.text:
        state = "kept" if after is None else "same"
        return Pair(one.id, one.line, one.text, one.text, state, one.start, one.end, one.speaker)
    differences = compared(one.text, after, () if across else names, across=across)
    return Pair(
        one.id, one.line, one.text, after, "written", one.start, one.end, one.speaker,
        differences.missing, differences.added,
    )  # fmt: skip
