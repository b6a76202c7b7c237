"""Examples of the machine-readable page: what is asked, as it may be sent. The tests send each of them."""

from __future__ import annotations

from typing import Any

Place = tuple[str, str]
JOB, UPLOAD, ANOTHER = "5f0c7a91d3b84e26", "0f8d2c6b7a914e53b1c0d9e8f7a65432", "91d3b84e265f0c7a"
NAMES: dict[str, Any] = {
    "job_id": JOB, "other_id": ANOTHER, "batch_id": "b84e265f0c7a91d3", "upload": UPLOAD, "jobs": JOB, "key": "1",
    "number": 0, "word": "Yw3kTq0ZbN5vXr8LmP2s", "voice_id": "c7a91d3b84e265f0", "key_id": "4e265f0c7a91d3b8",
    "webhook_id": "d3b84e265f0c7a91", "template_id": "65f0c7a91d3b84e2", "card_id": "rtx4090", "machine_id": "rtx5090",
    "job": JOB, "name": "base",
    "model": "whisper-1", "q": "budget",
}  # fmt: skip
"""Of parameters, wherever they stand."""
OTHERWISE: dict[Place, dict[str, Any]] = {
    ("POST", "/api/uploads"): {"name": "talk.mp3"},
    ("GET", "/api/jobs"): {"limit": 20},
    ("GET", "/api/jobs/{job_id}/export"): {"format": "srt"},
    ("GET", "/api/export.zip"): {"format": "txt"},
    ("GET", "/api/jobs/{job_id}/artifacts/{name}"): {"name": "result"},
    ("GET", "/api/jobs/{job_id}/peaks"): {"width": 500},
    ("GET", "/api/aloud/voices/{name}/sample"): {"name": "af_heart"},
    ("GET", "/api/aloud/jobs/{job_id}/file"): {"kind": "mp3"},
    ("POST", "/api/packs/{name}/install"): {"name": "speakers"},
    ("POST", "/api/doctor/mend/{name}"): {"name": "disk_low"},
    ("GET", "/api/metrics"): {"span": "day"},
    ("GET", "/api/jobs/{job_id}/writing/file"): {"format": "docx"},
}
_MESSAGE = {"model": "careful", "messages": [{"role": "user", "content": "Write one sentence about tea."}]}
_FORM = {"file": "@talk.mp3", "model": "whisper-1"}
_PLAN = {"file": "@talk.mp3", "language": "zh", "mode": "formal"}
_CONSENT = {"agreed_by": "Zhang Wei", "agreed_on": "2026-11-21", "consent": "To be named in our minutes"}
_PLANNER = {"people": 30}
BODIES: dict[Place, dict[str, Any]] = {
    ("POST", "/api/jobs"): {"uploads": [UPLOAD], "request": {"language": "zh", "speakers": None}},
    ("PATCH", "/api/jobs/{job_id}"): {"title": "Budget meeting", "tags": ["budget"]},
    ("POST", "/api/jobs/{job_id}/again"): {"request": {"quality": "best"}},
    ("PATCH", "/api/jobs/{job_id}/segments"): {"edits": {"0": "Good morning."}},
    ("POST", "/api/jobs/{job_id}/replace"): {"find": "Smith", "replacement": "Smyth"},
    ("POST", "/api/jobs/{job_id}/speakers"): {"at_least": 2, "at_most": 4},
    ("PATCH", "/api/jobs/{job_id}/speakers/{key}"): {"name": "Zhang Wei"},
    ("POST", "/api/jobs/{job_id}/speakers/merge"): {"key": "2", "into": "1"},
    ("POST", "/api/jobs/{job_id}/speakers/part"): {"key": "2"},
    ("POST", "/api/jobs/{job_id}/speakers/give"): {"numbers": [0], "key": "1"},
    ("PATCH", "/api/jobs/{job_id}/chapters"): {"chapters": [{"start": 0, "title": "Welcome"}]},
    ("PATCH", "/api/jobs/{job_id}/writing"): {"refused": [2]},
    ("POST", "/api/writing/jobs"): {"text": "we meet on monday", "request": {"kind": "polish", "style": "formal"}},
    ("POST", "/api/writing/templates"): {"name": "Report", "text": "Write a report in three parts."},
    ("PATCH", "/api/writing/templates/{template_id}"): {"name": "Report", "text": "Write a report in four parts."},
    ("PUT", "/api/writing/server"): {"base_url": "http://127.0.0.1:8000/v1", "model": "qwen3"},
    ("POST", "/api/writing/server/test"): {"base_url": "http://127.0.0.1:8000/v1", "model": "qwen3"},
    ("POST", "/api/sound/jobs"): {"uploads": [UPLOAD], "request": {"kind": "denoise", "strength": 0.8}},
    ("POST", "/api/video/look"): {"upload": UPLOAD, "request": {"scale": 2}},
    ("POST", "/api/video/jobs"): {"uploads": [UPLOAD], "request": {"source": "quick", "scale": 2}},
    ("POST", "/api/video/jobs/{job_id}/again"): {"source": "quick", "scale": 2},
    ("POST", "/api/aloud/jobs"): {"text": "Good morning, everybody.", "request": {"voice": "af_heart"}},
    ("POST", "/api/aloud/jobs/{job_id}/sentences/{number}/again"): {"text": "Good evening."},
    ("POST", "/api/aloud/jobs/{job_id}/video"): {"upload": UPLOAD},
    ("POST", "/api/aloud/own"): {
        "name": "Zhang Wei",
        **_CONSENT,
        "job": JOB,
        "start": 0.5,
        "end": 10.5,
        "text": "Good morning, everybody.",
    },
    ("PATCH", "/api/aloud/own/{voice_id}"): {"name": "Zhang Wei", "ends_on": "2027-12-31"},
    ("PATCH", "/api/planner/machines/{machine_id}"): {"price_low": 30000},
    ("PUT", "/api/aloud/words"): {"written": "SQL", "spoken": "sequel"},
    ("POST", "/api/voices"): {"name": "Zhang Wei", **_CONSENT, "recordings": [{"job": JOB, "key": "1"}]},
    ("PATCH", "/api/voices/{voice_id}"): {"name": "Zhang Wei", "ends_on": "2027-12-31"},
    ("POST", "/api/voices/{voice_id}/recordings"): {"recordings": [{"job": JOB, "key": "1"}]},
    ("POST", "/api/voices/clips"): {"upload": UPLOAD},
    ("POST", "/api/voices/compare"): {"first": {"job": JOB, "key": "1"}, "second": {"job": ANOTHER}},
    ("POST", "/api/voices/rank"): {"one": {"job": JOB, "key": "1"}},
    ("POST", "/api/voices/look"): {"job": JOB},
    ("PATCH", "/api/voices/rule"): {"wrong_share": 0.001},
    ("POST", "/api/models/{name}/terms"): {"who": "Anna Berg", "read": True},
    ("PATCH", "/api/models/{name}/choice"): {"device": None, "keep_alive_s": 600, "pinned": False},
    ("POST", "/api/keys"): {"name": "Subtitles", "scope": "transcribe", "requests_a_minute": 60, "hours_a_day": 8},
    ("POST", "/api/webhooks"): {"url": "http://127.0.0.1:9000/roomtone"},
    ("POST", "/api/planner"): _PLANNER,
    ("PATCH", "/api/planner/cards/{card_id}"): {"price_low": 15000},
    ("POST", "/v1/audio/transcriptions"): {**_FORM, "response_format": "srt"},
    ("POST", "/v1/audio/translations"): _FORM,
    ("POST", "/v1/audio/speech"): {"model": "tts-1", "voice": "coral", "input": "Good morning."},
    ("POST", "/v1/chat/completions"): _MESSAGE,
    ("POST", "/transcribe_only"): _PLAN,
    ("POST", "/transcribe_and_optimize"): _PLAN,
    ("POST", "/optimize_only"): {"text": "we meet on monday", "mode": "formal"},
}
"""Of bodies; a file of a form is ``@`` and its name, as curl has it."""


def example(place: Place, name: str) -> Any:
    """Returns an example of a parameter, None where it has none."""
    return OTHERWISE.get(place, {}).get(name, NAMES.get(name))
