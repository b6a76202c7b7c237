"""Model hubs: Hugging Face and ModelScope, or a mirror that speaks like one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from engines.base import HubSource, WeightFile
from engines.store.checksum import Checksum
from engines.store.failure import NO_CHECKSUM, NOT_THERE, SourceFailed
from engines.store.http import Web, place_of

HUGGING_FACE = "https://huggingface.co"
MODEL_SCOPE = "https://www.modelscope.cn"
MOST_REDIRECTS = 5
PROBED = HubSource("huggingface", "Systran/faster-whisper-base", "main")


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on a hub; ``checksum`` is the catalog's, or what the hub states."""

    url: str
    size: int | None
    checksum: Checksum


@dataclass(frozen=True, slots=True)
class Hub:
    """One endpoint; ``kind`` is ``huggingface`` or ``modelscope``."""

    kind: str
    endpoint: str

    @property
    def place(self) -> str:
        """The host, as a person knows it."""
        return place_of(self.endpoint)

    def locate(self, web: Web, source: HubSource, file: WeightFile) -> Remote:
        """Returns address, size and checksum of a file; asks the hub only for what the catalog does not pin.

        Raises SourceFailed, also where neither the catalog nor the hub has a checksum.
        """
        url = self._url(source, file.name)
        if file.sha256 is not None:
            return Remote(url, file.size, Checksum("sha256", file.sha256))
        if self.kind == "modelscope":
            return self._stated_by_model_scope(web, source, file.name)
        return self._stated_by_hugging_face(web, url)

    def probe_url(self) -> str:
        """Returns the address of a small file that any such hub has."""
        if self.kind == "modelscope":
            return self._url(HubSource("modelscope", "gpustack/faster-whisper-tiny", "master"), "config.json")
        return self._url(PROBED, "config.json")

    def _url(self, source: HubSource, name: str) -> str:
        models = "/models" if self.kind == "modelscope" else ""
        return f"{self.endpoint}{models}/{source.repo}/resolve/{quote(source.revision, safe='')}/{quote(name)}"

    def _stated_by_hugging_face(self, web: Web, url: str) -> Remote:
        # The first answer that carries X-Linked-Etag speaks of the file itself; the storage behind it has ETags of its
        # own.
        asked = url
        for _ in range(MOST_REDIRECTS):
            answer = web.head(asked)
            linked = Checksum.of_etag(answer.headers.get("X-Linked-Etag"))
            if linked is not None:
                return Remote(url, _number(answer.headers.get("X-Linked-Size")), linked)
            target = answer.headers.get("Location")
            if not (300 <= answer.status < 400 and target):
                stated = Checksum.of_etag(answer.headers.get("ETag"))
                if stated is None:
                    raise SourceFailed(self.place, NO_CHECKSUM)
                return Remote(url, _number(answer.headers.get("Content-Length")), stated)
            asked = urljoin(asked, target)
        raise SourceFailed(self.place, NOT_THERE)

    def _stated_by_model_scope(self, web: Web, source: HubSource, name: str) -> Remote:
        listing = f"{self.endpoint}/api/v1/models/{source.repo}/repo/files"
        body, _, _ = web.read(f"{listing}?Revision={quote(source.revision)}&Recursive=true")
        try:
            files = json.loads(body)["Data"]["Files"]
            entry = next((item for item in files if item["Path"] == name), None)
        except (ValueError, KeyError, TypeError) as error:
            raise SourceFailed(self.place, NOT_THERE) from error
        if entry is None:
            raise SourceFailed(self.place, NOT_THERE)
        if not entry.get("Sha256"):
            raise SourceFailed(self.place, NO_CHECKSUM)
        return Remote(self._url(source, name), int(entry["Size"]), Checksum("sha256", str(entry["Sha256"]).lower()))


def hubs(mirror: str | None, env: Mapping[str, str]) -> tuple[Hub, ...]:
    """Returns the hubs to ask, in order.

    A mirror stands for both: an office that names one wants nothing fetched from elsewhere. It is the address of a
    Hugging Face mirror, or of a ModelScope mirror with ``modelscope:`` before it; several are separated by commas.
    Without one, ``HF_ENDPOINT`` and ``MODELSCOPE_DOMAIN`` are honoured as the hubs' own tools do.
    """
    if mirror:
        return tuple(_mirror(part.strip()) for part in mirror.split(",") if part.strip())
    scope = env.get("MODELSCOPE_DOMAIN") or MODEL_SCOPE
    return (
        Hub("huggingface", (env.get("HF_ENDPOINT") or HUGGING_FACE).rstrip("/")),
        Hub("modelscope", (scope if "://" in scope else f"https://{scope}").rstrip("/")),
    )


def tokens(known: Sequence[Hub], env: Mapping[str, str]) -> dict[str, str]:
    """Returns ``HF_TOKEN``, where it is set, for the Hugging Face endpoint alone."""
    token = env.get("HF_TOKEN")
    return {urlsplit(hub.endpoint).netloc: f"Bearer {token}" for hub in known if token and hub.kind == "huggingface"}


def _mirror(text: str) -> Hub:
    kind, _, rest = text.partition(":")
    named = kind in ("modelscope", "huggingface")
    endpoint = rest if named else text
    return Hub(kind if named else "huggingface", (endpoint if "://" in endpoint else f"https://{endpoint}").rstrip("/"))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
