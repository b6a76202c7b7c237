"""The page ``/connect``: how a device comes to trust this machine, in pictures, in the reader's language."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api.lan.certificates import fingerprint
from api.lan.devices import DEVICES, PAST_THE_WARNING, Device
from api.lan.office import Office
from workbench.texts import Texts

_TOKEN = re.compile(r"\{\{([a-z0-9_.]+)\}\}")
_PLACE = re.compile(r"/[\w.~!$&'()*+,;=:@%/?-]{0,500}")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at the page: language, device, the ``https`` address it may use, and where it wanted to go."""

    language: str
    device: str
    address: str
    state: str
    to: str = "/"


def place(wanted: str) -> str:
    """Returns a place on this server as it was asked for, ``/`` for whatever could lead elsewhere."""
    return wanted if _PLACE.fullmatch(wanted) and not wanted.startswith("//") else "/"


class ConnectPage:
    """Writes the page; reads its templates once. It stands alone, as nothing else may be fetched before trust."""

    def __init__(self, folder: Path, texts: Texts) -> None:
        self._texts = texts
        self._parts = {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "connect").iterdir())}
        self._mark = (folder / "icons" / "roomtone.svg").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(self._parts["page.js"].encode()).digest()).decode()
        self.policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src 'self'; "
            "connect-src https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def of(self, office: Office, visit: Visit) -> str:
        """Returns the page of a server that other computers can use."""
        sha1 = fingerprint(office.authority, old=True)
        filled = {"authority": office.title, "address": visit.address, "sha1": sha1[:23] + "…"}
        filled["host"] = urlsplit(visit.address).hostname or ""
        devices = "".join(self._device(device, visit, filled) for device in DEVICES)
        body = {
            "state": visit.state,
            "open": "/" if visit.state == "here" else html.escape(visit.address + visit.to),
            "devices": devices,
            "past": self._steps(PAST_THE_WARNING, visit.language, filled),
            "sha256": fingerprint(office.authority),
            "sha1": sha1,
            "addresses": _links(office.addresses()),
        }
        return self._page("body.html", visit, body, filled)

    def off(self, visit: Visit) -> str:
        """Returns the page of a server that only its own machine can use safely."""
        return self._page("off.html", visit, {}, {})

    def _page(self, name: str, visit: Visit, parts: Mapping[str, str], values: Mapping[str, str]) -> str:
        around = {"address": html.escape(visit.address), "to": html.escape(visit.to)}
        body = self._filled(self._parts[name], visit.language, {**parts, **around}, values)
        other = "en" if visit.language == "zh" else "zh"
        keep = "" if visit.to == "/" else "&to=" + html.escape(visit.to.replace("&", "%26").replace("?", "%3F"))
        frame = {
            "tag": "zh-CN" if visit.language == "zh" else "en",
            "other": other,
            "other_link": f"?lang={other}{keep}",
            "style": self._parts["page.css"],
            "script": self._parts["page.js"],
            "mark": self._mark,
            "body": body,
        }
        return self._filled(self._parts["page.html"], visit.language, {**around, **frame}, values)

    def _device(self, device: Device, visit: Visit, filled: Mapping[str, str]) -> str:
        mine = device.name == visit.device
        say = self._texts.say
        get = html.escape(say(visit.language, f"connect.get.{'profile' if device.name == 'ios' else 'file'}"))
        return (
            f'<details data-device="{device.name}"{" open class=mine" if mine else ""}><summary>'
            f"<span>{html.escape(say(visit.language, f'connect.{device.name}'))}</span>"
            f'<span class="yours">{html.escape(say(visit.language, "connect.yours"))}</span></summary>'
            f'<div class="inside"><p class="get"><a class="button" href="/connect/{device.file}">{get}</a></p>'
            f"{self._steps(device, visit.language, filled)}</div></details>"
        )

    def _steps(self, device: Device, language: str, filled: Mapping[str, str]) -> str:
        shown = []
        for number, step in enumerate(device.steps, 1):
            words = [self._word(word, language, filled) for word in step.words]
            drawing = self._parts[f"{step.drawing}.svg"]
            for place_of_word, word in enumerate(words, 1):
                drawing = drawing.replace(f"{{{place_of_word}}}", word)
            sentence = html.escape(self._texts.say(language, f"connect.{device.name}.{number}", **filled))
            shown.append(f"<li>{drawing.strip()}<p>{sentence}</p></li>")
        return f'<ol class="steps">{"".join(shown)}</ol>'

    def _word(self, word: str, language: str, filled: Mapping[str, str]) -> str:
        if word.startswith("<"):
            return html.escape(filled[word.strip("<>")])
        return html.escape(self._texts.say(language, word, **filled) if word.startswith("connect.") else word)

    def _filled(self, template: str, language: str, parts: Mapping[str, str], values: Mapping[str, str]) -> str:
        def one(match: re.Match[str]) -> str:
            name = match[1]
            return parts[name] if name in parts else html.escape(self._texts.say(language, name, **values))

        return _TOKEN.sub(one, template)


def _links(addresses: Sequence[str]) -> str:
    """Returns one link a line."""
    return "".join(f'<br><a href="{html.escape(one)}">{html.escape(one)}</a>' for one in addresses)
