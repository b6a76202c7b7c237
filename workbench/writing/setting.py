"""What all ways of writing share: the request, the document in sentences, and how much a model is given at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from workbench.writing.document import Document
from workbench.writing.languages import is_in, language_of, same_words
from workbench.writing.parts import Part, parts_of
from workbench.writing.prompts import Prompts
from workbench.writing.sentences import Sentence, sentences_of, whole_lines
from workbench.writing.sizes import Sizes
from workbench.writing.support import Source
from workbench.writing.wish import LINE_BY_LINE, WriteRequest


@dataclass(frozen=True)
class Setting:
    """One piece of writing; ``count`` gives about how many tokens a text is."""

    request: WriteRequest
    document: Document
    count: Callable[[str], int]
    sizes: Sizes = Sizes()

    @cached_property
    def spoken_language(self) -> str:
        """The language of the source: as it is known, else by its letters."""
        known = self.document.language
        return known or language_of(" ".join(line.text for line in self.document.lines[:400])) or "en"

    @property
    def language(self) -> str:
        """The language of the result."""
        return self.request.language or self.spoken_language

    @cached_property
    def prompts(self) -> Prompts:
        """The prompts in the language of the result."""
        return Prompts(self.request, self.language)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences of the document; for subtitles its lines."""
        return whole_lines(self.document) if self.request.kind == "subtitles" else sentences_of(self.document)

    @cached_property
    def parts(self) -> list[Part]:
        """The parts that a model is given one at a time."""
        if self.request.kind in LINE_BY_LINE:
            return parts_of(self.sentences, self.sizes.lines, self.count, self.sizes.most_lines)
        return parts_of(self.sentences, self.sizes.text, self.count)

    @cached_property
    def source(self) -> Source:
        """The sentences, to be looked up by their words."""
        return Source(self.sentences, same_words=same_words(self.language, self.spoken_language))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The people who speak, as far as they have names."""
        return tuple(dict.fromkeys(line.speaker for line in self.document.lines if line.speaker))

    def texts(self, part: Part) -> list[str]:
        """Returns the sentences of a part, with the speaker where another one begins."""
        found: list[str] = []
        before: str | None = None
        for one in part.sentences:
            new = one.speaker is not None and one.speaker != before
            found.append(f"{one.speaker}: {one.text}" if new else one.text)
            before = one.speaker
        return found

    def speaks(self, text: str) -> bool:
        """Tells whether a text is in the language of the result."""
        return bool(text.strip()) and is_in(text, self.language)
