"""Reads a multipart form as it comes: the file goes to disk, the short fields into memory."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.errors import ApiError
from workbench.uploads import Upload

MOST_FIELDS = 200
"""Parts of a form, also empty ones and those of one name."""
MOST_FIELD_BYTES = 16 * 2**20
"""Of all fields together: voices to compare with come as text inside of them."""
Take = Callable[[str, AsyncIterable[bytes]], Awaitable[Upload]]
"""Stores a file under the name that the caller gave it."""


@dataclass(slots=True)
class Form:
    """What a form held: ``fields`` by name, ``[]`` at the end of a name left out, and the first file named ``file``.

    ``ignored`` are the names of further files.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    file: Upload | None = None
    ignored: list[str] = field(default_factory=list)


class _Event(NamedTuple):
    kind: str
    value: bytes = b""


class _Part(NamedTuple):
    name: str
    file_name: str | None


async def read_form(stream: AsyncIterable[bytes], content_type: str, take: Take) -> Form:
    """Reads a whole form; raises ApiError ``form_expected``, ``form_broken`` or ``form_too_large``."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise ApiError("form_expected", status=400)
    form, n_bytes, n_parts = Form(), 0, 0
    events = _events(stream, boundary)
    async for part in _parts(events):
        n_parts += 1
        if n_parts > MOST_FIELDS:
            raise ApiError("form_too_large", status=413, limit_mib=MOST_FIELD_BYTES // 2**20)
        if part.file_name is not None and part.name == "file" and form.file is None:
            form.file = await take(part.file_name, _content(events))
            continue
        if part.file_name is not None:
            form.ignored.append(part.name)
        content = bytearray()
        async for block in _content(events):
            n_bytes += len(block)
            if n_bytes > MOST_FIELD_BYTES:
                raise ApiError("form_too_large", status=413, limit_mib=MOST_FIELD_BYTES // 2**20)
            content += block
        if part.file_name is None:
            name = part.name.removesuffix("[]")
            form.fields.setdefault(name, []).append(content.decode("utf-8", "replace"))
    return form


async def _events(stream: AsyncIterable[bytes], boundary: bytes) -> AsyncIterator[_Event]:
    """Yields what the parser finds, in order; raises ApiError for a form that is broken or ends too early."""
    found: list[_Event] = []
    try:
        parser = MultipartParser(boundary, _callbacks(found))
        async for block in stream:
            parser.write(block)
            for event in found:
                yield event
            found.clear()
        parser.finalize()
    except FormParserError:
        raise ApiError("form_broken", status=400) from None


def _callbacks(found: list[_Event]) -> Any:
    def put(kind: str) -> Callable[[], None]:
        return lambda: found.append(_Event(kind))

    def put_data(kind: str) -> Callable[[bytes, int, int], None]:
        return lambda data, start, end: found.append(_Event(kind, data[start:end]))

    marks = ("part_begin", "part_end", "header_end", "headers_finished", "end")
    told = ("part_data", "header_field", "header_value")
    return {f"on_{kind}": put(kind) for kind in marks} | {f"on_{kind}": put_data(kind) for kind in told}


async def _parts(events: AsyncIterator[_Event]) -> AsyncIterator[_Part]:
    """Yields each part once its headers are read; its content is next in ``events``. Ends with the form."""
    headers: dict[bytes, bytes] = {}
    name, value, ended = b"", b"", False
    async for kind, data in events:
        if kind == "part_begin":
            headers = {}
        elif kind == "header_field":
            name += data
        elif kind == "header_value":
            value += data
        elif kind == "header_end":
            headers[name.lower()] = value
            name, value = b"", b""
        elif kind == "headers_finished":
            yield _part(headers)
        elif kind == "end":
            ended = True
    if not ended:
        raise ApiError("form_broken", status=400)


def _part(headers: dict[bytes, bytes]) -> _Part:
    _, options = parse_options_header(headers.get(b"content-disposition", b""))
    name = options.get(b"name", b"").decode("utf-8", "replace")
    file_name = options.get(b"filename")
    return _Part(name[:200], None if file_name is None else file_name.decode("utf-8", "replace"))


async def _content(events: AsyncIterator[_Event]) -> AsyncIterator[bytes]:
    async for kind, data in events:
        if kind == "part_end":
            return
        yield data
    raise ApiError("form_broken", status=400)
