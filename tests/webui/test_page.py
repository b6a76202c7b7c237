from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

from webui.page import Assets, Frame, framed

GRADIO = b"""<!doctype html><html><head><meta charset="utf-8" /><base href="./" />
<meta property="og:url" content="https://gradio.app/" />
<meta
  name="twitter:creator"
  content="@teamGradio"
/>
<link rel="manifest" href="/manifest.json" /><script type="module" src="./assets/index.js"></script></head>
<body><gradio-app control_page_title="true"></gradio-app></body></html>"""


def asked(app: Any, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What an ASGI app answers to one request."""
    sent: list[dict[str, Any]] = []
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": pairs, "root_path": ""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


def test_our_first_script_stands_before_gradios() -> None:
    page = framed(GRADIO)
    assert 0 < page.index(b"screens/boot.js") < page.index(b"./assets/index.js")
    assert page.index(b"dressGradio") > page.index(b"</gradio-app>")


def test_the_page_leads_to_no_other_site() -> None:
    assert b"http" not in framed(GRADIO) and b"manifest" not in framed(GRADIO)


def test_the_page_of_the_installed_gradio_is_framed() -> None:
    found = importlib.util.find_spec("gradio")
    assert found is not None and found.origin is not None
    template = Path(found.origin).parent / "templates" / "frontend" / "index.html"
    page = framed(template.read_bytes())
    assert page.count(b"screens/boot.js") == 1 and page.count(b"dressGradio") == 1
    assert b"og:" not in page and b"githubusercontent" not in page and b"iframeResizer.contentWindow" not in page


def test_only_the_start_page_is_rewritten() -> None:
    async def gradio(scope: Any, receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(GRADIO))]}
        )
        await send({"type": "http.response.body", "body": GRADIO[:50], "more_body": True})
        await send({"type": "http.response.body", "body": GRADIO[50:]})

    status, headers, body = asked(Frame(gradio), "/")
    assert status == 200 and body == framed(GRADIO) and headers["content-length"] == str(len(body))
    assert asked(Frame(gradio), "/config")[2] == GRADIO


def test_assets_are_served_by_name_and_nothing_beside_them(tmp_path) -> None:
    folder = tmp_path / "assets"
    (folder / "icons").mkdir(parents=True)
    (folder / "main.js").write_text("export {};")
    (folder / "icons" / "a.svg").write_text("<svg/>")
    (folder / "texts.json").write_text("{}")
    (tmp_path / "secret.js").write_text("no")
    assets = Assets(folder)
    assert set(assets.names) == {"main.js", "icons/a.svg"}
    status, headers, body = asked(assets, "/screens/main.js")
    assert (status, headers["content-type"], body) == (200, "text/javascript; charset=utf-8", b"export {};")
    for path in ("/screens/../secret.js", "/screens/texts.json", "/screens/", "/screens/icons"):
        assert asked(assets, path)[0] == 404


def test_an_asset_that_the_browser_has_is_not_sent_again(tmp_path) -> None:
    (tmp_path / "main.js").write_text("export {};")
    assets = Assets(tmp_path)
    tag = asked(assets, "/screens/main.js")[1]["etag"]
    assert asked(assets, "/screens/main.js", if_none_match=tag)[::2] == (304, b"")
    assert asked(assets, "/screens/main.js", method="HEAD")[::2] == (200, b"")
