"""The sentences of the screens, for their scripts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Language, Sentences, answer

router = APIRouter(prefix="/api/texts")
_ELSEWHERE = ("reference.call.", "reference.more.")
"""What the page of all addresses gets with their description."""


@router.get("")
def texts(sentences: Sentences, language: Language) -> JSONResponse:
    """Returns ``{"lang", "texts"}`` with every sentence by its key."""
    shown = {key: text for key, text in sentences.all(language).items() if not key.startswith(_ELSEWHERE)}
    return answer({"lang": language, "texts": shown})
