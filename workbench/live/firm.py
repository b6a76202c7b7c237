"""Which words of a text that is still being spoken may be trusted: those that two passes in a row agree on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SIGN = re.compile(rf"[{_UNSPACED}\u3000-\u303f\uff00-\uffef]")
_TOKEN = re.compile(rf"\s*(?:[{_UNSPACED}]|[^\s{_UNSPACED}]+)")


class Agreement:
    """The text of one utterance as its passes come in; ``firm + provisional`` is what is shown.

    ``firm`` only grows. A language without spaces is compared sign by sign, any other word by word; case and
    punctuation make no difference. The last word of a pass is never firm: its end may not have been spoken yet.

    Passes over a long utterance need not begin at its beginning: what is ``settled`` is not heard again by them.
    """

    def __init__(self) -> None:
        self.firm = ""
        self.provisional = ""
        self._settled: list[str] = []
        self._firm: list[str] = []
        self._before: list[str] = []

    def take(self, text: str, whole: bool = False) -> bool:
        """Takes the text of a pass; returns whether anything to show has changed.

        A pass begins behind what is settled, or is over the ``whole`` utterance.
        """
        shown = self.firm, self.provisional
        pieces = tokens(text)
        plain = [_plain(piece) for piece in pieces]
        at = _behind([*self._settled, *self._firm] if whole else self._firm, plain)
        rest = plain[at:]
        n_agreed = min(_common(rest, self._before), max(0, len(rest) - 1))
        self.firm += self._joined(pieces[at : at + n_agreed], self.firm, first=at == 0)
        self._firm += rest[:n_agreed]
        self._before = rest[n_agreed:]
        self.provisional = self._joined(pieces[at + n_agreed :], self.firm, first=at + n_agreed == 0)
        return shown != (self.firm, self.provisional)

    def settle(self, text: str) -> bool:
        """Settles the beginning of a pass where all of it is firm; returns whether it was."""
        plain = [_plain(piece) for piece in tokens(text)]
        if not plain or self._firm[: len(plain)] != plain:
            return False
        self._settled += plain
        del self._firm[: len(plain)]
        return True

    @staticmethod
    def _joined(pieces: Sequence[str], before: str, first: bool) -> str:
        """Returns pieces as they stand behind ``before``; the ``first`` of a pass has no space of its own."""
        joined = "".join(pieces)
        if not before:
            return joined.lstrip()
        apart = first and joined and not (joined[0].isspace() or _is_unspaced(before[-1]) or _is_unspaced(joined[0]))
        return " " + joined if apart else joined


def rest_of(firm: str, text: str) -> str:
    """Returns what a text says behind words that were firm before it, though some may be heard otherwise."""
    pieces = tokens(text)
    return "".join(pieces[_behind([_plain(piece) for piece in tokens(firm)], [_plain(piece) for piece in pieces]) :])


def tokens(text: str) -> list[str]:
    """Returns words with the space before and the punctuation behind them; joined they are the text again."""
    found: list[str] = []
    for piece in _TOKEN.findall(text.rstrip()):
        if found and not _plain(piece):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _is_unspaced(sign: str) -> bool:
    return _SIGN.fullmatch(sign) is not None or sign.isspace()


def _plain(piece: str) -> str:
    return "".join(sign for sign in piece.casefold() if unicodedata.category(sign)[0] in "LMN")


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    n_same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n_same += 1
    return n_same


def _behind(firm: Sequence[str], heard: Sequence[str]) -> int:
    """Returns where in a new pass the words begin that come after the firm ones, though some may be heard otherwise."""
    if list(heard[: len(firm)]) == list(firm):
        return len(firm)
    blocks = [block for block in SequenceMatcher(None, firm, heard, autojunk=False).get_matching_blocks() if block.size]
    if not blocks:
        return min(len(firm), len(heard))
    last = blocks[-1]
    left = len(firm) - last.a - last.size
    return min(len(heard), last.b + last.size + left)
