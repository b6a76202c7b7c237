"""From the body of ``/v1/chat/completions`` to what the workbench is asked, forgiving where it can be."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.errors import ApiError
from api.openai.strict_json import parsed
from engines.requests_writing import Message
from workbench.writing.chat import Wanted

ALIASES = {
    "gpt-4o-mini": "quick",
    "gpt-4.1-mini": "quick",
    "gpt-5-mini": "quick",
    "gpt-3.5-turbo": "quick",
    "gpt-4o": "careful",
    "gpt-4.1": "careful",
    "gpt-5": "careful",
}
"""What programs call the two ways of writing."""
MOST_MESSAGES = 500
MOST_CHARACTERS = 2_000_000
_MOST_BODY = MOST_CHARACTERS * 4
_MOST_NUMBER = 2**64
KNOWN = frozenset({
    "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "seed", "stop", "stream",
    "stream_options", "response_format", "n", "reasoning_effort", "chat_template_kwargs", "user", "store", "metadata",
})  # fmt: skip
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: what is answered, how it is sent, and which parameters had no effect."""

    wanted: Wanted
    model: str
    stream: bool = False
    usage: bool = False
    ignored: tuple[str, ...] = ()


async def read_body(request: Request) -> bytes:
    """Reads a body; raises ApiError ``too_large`` before all of it has come."""
    content = bytearray()
    async for block in request.stream():
        content += block
        if len(content) > _MOST_BODY:
            raise ApiError("too_large", status=413, limit_mib=_MOST_BODY // 2**20)
    return bytes(content)


async def read_json(request: Request) -> Any:
    """Reads a body of JSON; raises ApiError ``parameter_unfit`` and what ``read_body`` raises."""
    try:
        return parsed(await read_body(request))
    except ValueError:
        raise ApiError("parameter_unfit", status=400, param="body", value="") from None


def read(body: Any, models: Sequence[str]) -> Asked:
    """Reads a body; raises ApiError with ``param`` among its values. ``models`` are the names of those that write."""
    if not isinstance(body, dict):
        raise ApiError("parameter_unfit", status=400, param="messages", value="")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise ApiError("parameter_missing", status=400, param="model")
    if body.get("n") not in (None, 1):
        raise _unfit("n", body["n"])
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    options = body.get("stream_options")
    seed = body.get("seed")
    wanted = Wanted(
        _quality(model, models),
        _messages(body.get("messages")),
        None if limit is None else int(_number("max_tokens", limit, 1, 1_000_000)),
        _number("temperature", body["temperature"], 0, 2) if body.get("temperature") is not None else 0.7,
        None if seed is None else int(_number("seed", seed, -(2**63), 2**63)) % 2**32,
        _thinking(body),
        _schema(body.get("response_format")),
        _stop(body.get("stop")),
    )
    ignored = tuple(name for name, value in body.items() if name not in KNOWN and value is not None)
    usage = isinstance(options, Mapping) and options.get("include_usage") is True
    return Asked(wanted, model, _yes("stream", body.get("stream")), usage, ignored)


def _quality(model: str, models: Sequence[str]) -> str:
    if model in ALIASES:
        return ALIASES[model]
    name = model.removeprefix("model:")
    if name in ("quick", "careful"):
        return name
    if name in models:
        return f"model:{name}"
    raise ApiError("model_not_found", status=404, param="model", model=model[:100])


def _messages(told: Any) -> tuple[Message, ...]:
    if not isinstance(told, list) or not told:
        raise ApiError("parameter_missing", status=400, param="messages")
    if len(told) > MOST_MESSAGES:
        raise _unfit("messages", len(told))
    found = []
    for number, one in enumerate(told):
        param = f"messages[{number}]"
        if not isinstance(one, dict):
            raise _unfit(param, one)
        role = one.get("role")
        if not isinstance(role, str) or role not in _ROLES:
            raise ApiError(
                "parameter_not_one_of", status=400, param=f"{param}.role", value=str(role)[:100], choices=list(_ROLES)
            )
        found.append((_ROLES[role], _content(one.get("content"), f"{param}.content")))
    if sum(len(text) for _, text in found) > MOST_CHARACTERS:
        raise ApiError("parameter_outside", status=400, param="messages", value="", least=1, most=MOST_CHARACTERS)
    return tuple(found)


def _content(told: Any, param: str) -> str:
    if isinstance(told, str):
        return told
    if isinstance(told, list):
        texts = [part.get("text") for part in told if isinstance(part, dict) and part.get("type") == "text"]
        if len(texts) == len(told) and all(isinstance(text, str) for text in texts):
            return "\n".join(str(text) for text in texts)
    raise _unfit(param, "" if told is None else json.dumps(told, ensure_ascii=False))


def _schema(told: Any) -> str | None:
    if told is None:
        return None
    kind = told.get("type") if isinstance(told, dict) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return '{"type": "object"}'
    shape = told.get("json_schema") if kind == "json_schema" else None
    if isinstance(shape, dict) and isinstance(shape.get("schema"), dict):
        return json.dumps(shape["schema"])
    raise _unfit("response_format", json.dumps(told))


def _thinking(body: Mapping[str, Any]) -> bool:
    kwargs = body.get("chat_template_kwargs")
    if isinstance(kwargs, Mapping) and "enable_thinking" in kwargs:
        return kwargs["enable_thinking"] is True
    return body.get("reasoning_effort") in ("low", "medium", "high", "xhigh")


def _stop(told: Any) -> tuple[str, ...]:
    words = [told] if isinstance(told, str) else told or []
    if not isinstance(words, list) or len(words) > 16 or not all(isinstance(word, str) for word in words):
        raise _unfit("stop", told)
    return tuple(words)


def _yes(param: str, value: Any) -> bool:
    if value in (None, True, False):
        return bool(value)
    raise _unfit(param, value)


def _number(param: str, value: Any, least: float, most: float) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST_NUMBER
    number = float(value) if fits else math.nan
    if not least <= number <= most:
        raise ApiError("parameter_outside", status=400, param=param, value=str(value)[:100], least=least, most=most)
    return number


def _unfit(param: str, value: Any) -> ApiError:
    return ApiError("parameter_unfit", status=400, param=param, value=str(value)[:100])
