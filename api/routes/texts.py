"""The sentences of the screens, for their scripts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Language, Sentences, answer

router = APIRouter(prefix="/api/texts")


@router.get("")
def texts(sentences: Sentences, language: Language) -> JSONResponse:
    """Returns ``{"lang", "texts"}`` with every sentence by its key."""
    return answer({"lang": language, "texts": dict(sentences.all(language))})
