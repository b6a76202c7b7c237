"""The machine-readable page: FastAPI's own, made true where it does not know what routes answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.access import Administrator
from api.openapi_answers import ANSWERS, COMPONENTS, CONTENTS, answer_of
from api.openapi_examples import BODIES, OTHERWISE, example

_ABOUT = """What the screens use, any program may use; whatever speaks OpenAI's audio interface works by changing the
address. Times are seconds: those ending in `_at` since 1970, all others from the start of the recording.

On the machine itself a program needs no key. On other computers it shows one that was made on the System screen:
`Authorization: Bearer rt-...`. Below `/api`, everything but GET needs a key or the header `X-Roomtone: 1`.
Messages come in English or Chinese, by `Accept-Language` or `?lang=`."""
_AREAS = {
    "v1": "OpenAI's interface", "transcribe_only": "The office's own plan", "optimize_only": "The office's own plan",
    "transcribe_and_optimize": "The office's own plan", "health": "The machine", "metrics": "The machine",
    "jobs": "Jobs", "uploads": "Jobs", "bin": "Jobs", "batches": "Jobs",
    "events": "Jobs", "search": "Jobs", "export.zip": "Jobs",
    "live": "Live", "sound": "Sound", "video": "Video", "aloud": "Reading aloud", "writing": "Writing",
    "voices": "Voices", "keys": "Keys and messages", "webhooks": "Keys and messages",
}  # fmt: skip
"""What the first step of an address is about; everything else is the machine."""
_PROBLEMS = {"4XX": "What was wrong with the request", "5XX": "What kept the server from answering"}


def described(routes: Sequence[BaseRoute], sentences: Mapping[str, str]) -> dict[str, Any]:
    """Returns the description of all routes, in the shape of OpenAPI 3.1; each call has its sentence by its name."""
    told = get_openapi(title="Roomtone", version="1", description=_ABOUT, routes=routes)
    told["servers"] = [{"url": "/"}]
    here_only = set(_here_only(routes))
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method.upper(), path)
            operation["summary"] = sentences.get(f"reference.call.{operation['operationId']}", operation["summary"])
            more = f"reference.more.{operation['operationId']}"
            operation["description"] = sentences.get(more, operation["description"])
            if (method.upper(), path) in here_only:
                only = sentences["reference.here_only"]
                operation["description"] = "\n\n".join(part for part in (operation["description"], only) if part)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(COMPONENTS)
    told["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of the System screen"},
        "script": {"type": "apiKey", "in": "header", "name": "X-Roomtone", "description": "1, on the machine itself"},
    }
    return told


def written(routes: Sequence[BaseRoute], sentences: Mapping[str, str]) -> bytes:
    """Returns the same as JSON."""
    return json.dumps(described(routes, sentences), ensure_ascii=False, separators=(",", ":")).encode()


def _here_only(routes: Iterable[BaseRoute]) -> Iterable[tuple[str, str]]:
    for route in routes:
        if isinstance(route, APIRoute) and any(one is Administrator for one in route.dependencies):
            yield from ((method, route.path) for method in route.methods or ())


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    place = (method, path)
    first, *rest = operation.get("description", "").split("\n\n", 1)
    sentence = " ".join(first.split())
    operation["summary"] = sentence.replace("``", "`")
    operation["description"] = "\n\n".join(rest).replace("``", "`")
    operation["tags"] = [_area(path)]
    operation["operationId"] = _name(method, path)
    operation["security"] = _security(method, path)
    operation["responses"] = _responses(operation["responses"], place)
    for parameter in operation.get("parameters", []):
        _exemplify(parameter, place)
    content = operation.get("requestBody", {}).get("content", {})
    if place in BODIES:
        for kind in content:
            content[kind]["example"] = BODIES[place]
    operation["x-codeSamples"] = [{"lang": "Shell", "source": _curl(operation, method, path)}]


def _area(path: str) -> str:
    steps = [step for step in path.split("/") if step]
    step = steps[1] if steps[0] == "api" else steps[0]
    return _AREAS.get(step, "The machine")


def _name(method: str, path: str) -> str:
    words = [word for word in path.replace("{", "").replace("}", "").replace(":path", "").split("/") if word]
    return "_".join([method.lower(), *words]).replace("-", "_").replace(".", "_")


def _security(method: str, path: str) -> list[dict[str, list[str]]]:
    if path.startswith("/api/") and method not in ("GET", "HEAD"):
        return [{"script": []}, {"key": []}]
    return [{}, {"key": []}]


def _responses(told: Mapping[str, Any], place: tuple[str, str]) -> dict[str, Any]:
    """Keeps what a route says of itself; adds what its answer is made of, and errors in the shape they have here."""
    found = {status: dict(one) for status, one in told.items() if status != "422"}
    for status, one in found.items():
        if status.startswith("2") and place in CONTENTS:
            one["content"] = {kind: {} for kind in CONTENTS[place]}
        elif status.startswith("2") and "application/json" in one.get("content", {}):
            one["content"]["application/json"]["schema"] = answer_of(place)
    found.update(ANSWERS.get(place, {}))
    shape = "OpenAIError" if place[1].startswith("/v1/") else "Error"
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}
    for status, told_of in _PROBLEMS.items():
        found.setdefault(status, {"description": told_of, "content": content})
    return found


def _exemplify(parameter: dict[str, Any], place: tuple[str, str]) -> None:
    found = example(place, parameter["name"])
    if found is not None and (parameter["in"] == "path" or parameter["required"] or _is_chosen(place, parameter)):
        parameter["example"] = found


def _is_chosen(place: tuple[str, str], parameter: Mapping[str, Any]) -> bool:
    return parameter["name"] in OTHERWISE.get(place, {}) or parameter["name"] == "jobs"


def _curl(operation: Mapping[str, Any], method: str, path: str) -> str:
    """Returns the call as it is typed into a terminal of the machine."""
    query = []
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", str(parameter.get("example", "x")))
        elif parameter["in"] == "query" and "example" in parameter:
            query.append(f"{parameter['name']}={parameter['example']}")
    words = ["curl"] if method in ("GET", "POST") else ["curl", "-X", method]
    if {"script": []} in operation["security"]:
        words += ["-H", "'X-Roomtone: 1'"]
    content = operation.get("requestBody", {}).get("content", {})
    body = next((one["example"] for one in content.values() if "example" in one), None)
    if "multipart/form-data" in content:
        words += [f"-F {name}={value}" for name, value in (body or {}).items()]
    elif "application/json" in content and body is not None:
        words += ["--json", "'" + json.dumps(body, ensure_ascii=False).replace("'", "'\\''") + "'"]
    elif "application/octet-stream" in content:
        words += ["--data-binary", "@talk.mp3"]
    elif method == "POST":
        words += ["-X", "POST"]
    address = f"http://127.0.0.1:7860{path}" + ("?" + "&".join(query) if query else "")
    return " ".join([*words, f"'{address}'"])
