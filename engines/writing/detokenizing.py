"""From tokens to text as they come: a character may need several tokens. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_UNKNOWN = "\ufffd"
_KEPT = 6
"""So many tokens before the new ones are decoded along, because a piece may look otherwise at the beginning."""


class Detokenizing:
    """Gives the text of each token when it is certain; ``decode`` turns tokens into text."""

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._known = ""
        self._from = 0

    def feed(self, token: int) -> str:
        """Takes a token and returns what is new and whole, which may be nothing."""
        self._tokens.append(token)
        text = self._decode(self._tokens[self._from :])
        if text.endswith(_UNKNOWN):
            return ""
        return self._new(text)

    def close(self) -> str:
        """Returns what was held back; half a character is lost."""
        return self._new(self._decode(self._tokens[self._from :]).rstrip(_UNKNOWN))

    def _new(self, text: str) -> str:
        fresh = text[len(self._known) :]
        self._from = max(0, len(self._tokens) - _KEPT)
        self._known = self._decode(self._tokens[self._from :])
        return fresh
