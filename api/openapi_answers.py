"""What routes answer, as the machine-readable page tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media.documents import EXPORTS

Place = tuple[str, str]
_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_NUMBER: dict[str, Any] = {"type": "number"}
_MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer"}
_YES: dict[str, Any] = {"type": "boolean"}
_OBJECT: dict[str, Any] = {"type": "object"}


def _shape(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(of)}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_TOLD = _shape(code=_TEXT, values=_OBJECT, message=_TEXT, hint=_TEXT)
_STATES = ["queued", "running", "succeeded", "failed", "cancelled"]
COMPONENTS: dict[str, dict[str, Any]] = {
    "Error": _shape(error=_shape(code=_TEXT, message=_TEXT, hint=_TEXT, values=_OBJECT)),
    "OpenAIError": _shape(error=_shape(message=_TEXT, type=_TEXT, param=_MAYBE_TEXT, code=_MAYBE_TEXT)),
    "Job": _shape(
        id=_TEXT,
        task=_TEXT,
        title=_TEXT,
        source_name=_TEXT,
        batch_id=_MAYBE_TEXT,
        status={**_TEXT, "enum": _STATES},
        request=_OBJECT,
        model=_TEXT,
        model_title=_TEXT,
        created_at=_NUMBER,
        started_at=_MAYBE_NUMBER,
        finished_at=_MAYBE_NUMBER,
        revision=_WHOLE,
        stage=_TEXT,
        stage_progress=_MAYBE_NUMBER,
        progress={**_NUMBER, "minimum": 0, "maximum": 1},
        position_s=_NUMBER,
        duration_s=_MAYBE_NUMBER,
        ahead=_WHOLE,
        time_left_s=_MAYBE_NUMBER,
        language=_MAYBE_TEXT,
        error={"oneOf": [_TOLD, {"type": "null"}]},
        can_retry=_YES,
        notes=_list(_OBJECT),
        n_failed=_WHOLE,
        tags=_list(_TEXT),
        deleted=_YES,
        copied_from=_MAYBE_TEXT,
        live=_YES,
        speakers={"type": ["object", "null"]},
        cleaned_by=_MAYBE_TEXT,
    ),
    "Jobs": _shape(jobs=_list(_ref("Job"))),
    "JobsPage": _shape(jobs=_list(_ref("Job")), next=_MAYBE_TEXT),
    "OneJob": _shape(job=_ref("Job")),
    "Upload": _shape(id=_TEXT, name=_TEXT, size=_WHOLE),
    "Batch": _shape(id=_TEXT, finished=_YES, counts=_OBJECT, jobs=_list(_ref("Job"))),
    "Segments": _shape(segments=_list(_OBJECT), live=_YES, next={"type": ["integer", "null"]}),
    "Model": _shape(id=_TEXT, object={**_TEXT, "enum": ["model"]}, created=_WHOLE, owned_by=_TEXT),
    "Key": {
        **_shape(id=_TEXT, name=_TEXT, ending=_TEXT, scope=_TEXT, created_at=_NUMBER, requests_a_minute=_MAYBE_NUMBER,
                 hours_a_day=_MAYBE_NUMBER, upload_mb=_MAYBE_NUMBER),
    },
    "Webhook": _shape(id=_TEXT, url=_TEXT, created_at=_NUMBER, last={"type": ["object", "null"]}),
}  # fmt: skip
_JSON: dict[Place, dict[str, Any]] = {
    ("POST", "/api/uploads"): _ref("Upload"),
    ("POST", "/api/jobs"): _ref("Jobs"),
    ("GET", "/api/jobs"): _ref("JobsPage"),
    ("GET", "/api/jobs/{job_id}"): _ref("Job"),
    ("PATCH", "/api/jobs/{job_id}"): _ref("Job"),
    ("DELETE", "/api/jobs/{job_id}"): _shape(deleted=_YES),
    ("POST", "/api/jobs/{job_id}/undelete"): _ref("Job"),
    ("POST", "/api/jobs/{job_id}/cancel"): _ref("Job"),
    ("POST", "/api/jobs/{job_id}/retry"): _ref("Job"),
    ("POST", "/api/jobs/{job_id}/again"): _ref("Job"),
    ("POST", "/api/jobs/{job_id}/restore"): _ref("Job"),
    ("POST", "/api/jobs/{job_id}/replace"): _shape(n=_WHOLE),
    ("GET", "/api/jobs/{job_id}/segments"): _ref("Segments"),
    ("PATCH", "/api/jobs/{job_id}/segments"): _shape(n=_WHOLE, revision=_WHOLE),
    ("GET", "/api/jobs/{job_id}/artifacts"): _shape(
        artifacts=_list(_shape(name=_TEXT, media_type=_TEXT, size_bytes=_WHOLE))
    ),
    ("GET", "/api/jobs/{job_id}/peaks"): _shape(peaks=_list(_WHOLE), duration_s=_NUMBER),
    ("GET", "/api/jobs/{job_id}/speakers"): _shape(speakers=_list(_OBJECT), turns=_list({"type": "array"})),
    ("POST", "/api/jobs/{job_id}/speakers"): _ref("Job"),
    ("GET", "/api/jobs/{job_id}/chapters"): _shape(chapters=_list(_shape(start=_NUMBER, title=_TEXT))),
    ("GET", "/api/jobs/{job_id}/writings"): _ref("Jobs"),
    ("GET", "/api/batches/{batch_id}"): _ref("Batch"),
    ("POST", "/api/batches/{batch_id}/cancel"): _ref("Jobs"),
    ("DELETE", "/api/bin"): _shape(n=_WHOLE),
    ("GET", "/api/ps"): _shape(models=_list(_OBJECT)),
    ("GET", "/api/search"): _shape(hits=_list(_OBJECT), next=_MAYBE_TEXT),
    ("GET", "/api/models"): _shape(models=_list(_OBJECT)),
    ("GET", "/api/keys"): _shape(keys=_list(_ref("Key"))),
    ("POST", "/api/keys"): {"allOf": [_ref("Key"), _shape(secret=_TEXT)]},
    ("GET", "/api/webhooks"): _shape(webhooks=_list(_ref("Webhook"))),
    ("POST", "/api/webhooks"): {"allOf": [_ref("Webhook"), _shape(secret=_TEXT)]},
    ("POST", "/api/sound/jobs"): _ref("Jobs"),
    ("POST", "/api/video/jobs"): _ref("Jobs"),
    ("POST", "/api/aloud/jobs"): _ref("Jobs"),
    ("POST", "/api/writing/jobs"): _ref("OneJob"),
    ("GET", "/health"): _shape(status={**_TEXT, "enum": ["starting", "ok"]}),
    ("GET", "/v1/models"): _shape(object=_TEXT, data=_list(_ref("Model"))),
    ("GET", "/v1/models/{model}"): _ref("Model"),
    ("POST", "/transcribe_only"): _shape(raw_text=_TEXT, language=_MAYBE_TEXT, duration=_NUMBER, mode=_TEXT),
    ("POST", "/optimize_only"): _shape(
        raw_text=_TEXT, optimized_text=_TEXT, language=_MAYBE_TEXT, duration=_NUMBER, mode=_TEXT
    ),
    ("POST", "/transcribe_and_optimize"): _shape(
        raw_text=_TEXT, optimized_text=_TEXT, language=_MAYBE_TEXT, duration=_NUMBER, mode=_TEXT
    ),
}
CONTENTS: dict[Place, tuple[str, ...]] = {
    ("GET", "/api/jobs/{job_id}/artifacts/{name}"): ("*/*",),
    ("GET", "/api/jobs/{job_id}/audio"): ("audio/wav",),
    ("GET", "/api/jobs/{job_id}/export"): tuple(dict.fromkeys(kind.media_type for kind in EXPORTS.values())),
    ("GET", "/api/jobs/{job_id}/writing/file"): ("*/*",),
    ("GET", "/api/export.zip"): ("application/zip",),
    ("GET", "/api/events"): ("text/event-stream",),
    ("GET", "/api/live/watch/{word}"): ("text/event-stream",),
    ("GET", "/api/doctor/archive"): ("application/zip",),
    ("GET", "/api/docs"): ("text/html",),
    ("GET", "/metrics"): ("text/plain",),
    ("GET", "/api/video/still/{upload}"): ("image/jpeg",),
    ("GET", "/api/voices/{voice_id}/sample"): ("audio/wav",),
    ("GET", "/api/aloud/voices/{name}/sample"): ("audio/wav",),
    ("GET", "/api/aloud/jobs/{job_id}/sentences/{number}"): ("audio/wav",),
    ("GET", "/api/aloud/jobs/{job_id}/file"): ("audio/*",),
    ("GET", "/api/aloud/jobs/{job_id}/video"): ("video/*",),
    ("GET", "/api/aloud/own/{voice_id}/sample"): ("audio/wav",),
    ("POST", "/v1/audio/speech"): ("audio/*", "text/event-stream"),
}
"""Answers that are no JSON, or not always."""
_REPEATED = {"description": "The jobs of the same request before", "content": {
    "application/json": {"schema": _ref("Jobs")}
}}  # fmt: skip
_PART = {"description": "The part that was asked for"}
_SAME = {"description": "What the caller has is still the same"}
_RANGED = {"206": _PART, "304": _SAME}
ANSWERS: dict[Place, dict[str, Any]] = {
    ("POST", "/api/jobs"): {"200": _REPEATED},
    ("GET", "/api/jobs/{job_id}/audio"): _RANGED,
    ("GET", "/api/jobs/{job_id}/artifacts/{name}"): _RANGED,
    ("GET", "/api/aloud/jobs/{job_id}/sentences/{number}"): _RANGED,
    ("GET", "/api/aloud/jobs/{job_id}/file"): _RANGED,
    ("GET", "/api/aloud/jobs/{job_id}/video"): _RANGED,
    ("GET", "/api/aloud/own/{voice_id}/sample"): _RANGED,
    ("GET", "/api/aloud/voices/{name}/sample"): _RANGED,
    ("GET", "/api/video/still/{upload}"): _RANGED,
}
"""Further answers of a route."""


def answer_of(place: Place) -> dict[str, Any]:
    """Returns the shape of a JSON answer; where it is not described it is at least an object."""
    return _JSON.get(place, _OBJECT)
