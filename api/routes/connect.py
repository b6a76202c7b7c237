"""How other computers and telephones come to use this server: a page, the certificate, and its address."""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.access import Language, Sentences, answer
from api.errors import ApiError
from api.lan.devices import device_of
from api.lan.office import Office
from api.lan.page import ConnectPage, Visit, place
from api.lan.picture import svg_of
from api.lan.profile import profile_of
from api.safety import is_loopback

router = APIRouter()
_FRESH = {"cache-control": "no-store"}


async def _office(request: Request) -> Office:
    office: Office | None = request.app.state.office
    if office is None:
        raise ApiError("not_found", status=404)
    return office


Here = Annotated[Office, Depends(_office)]


@router.api_route("/connect", methods=["GET", "HEAD"], include_in_schema=False)
def page(request: Request, sentences: Sentences, language: Language, to: str = "/") -> HTMLResponse:
    """Returns the page that explains, in pictures, how a device comes to trust this server."""
    office: Office | None = request.app.state.office
    written: ConnectPage = request.app.state.connect_page
    device = device_of(request.headers.get("user-agent", ""))
    visit = Visit(language, device, _address(request, office), _state(request), place(to))
    body = written.of(office, visit) if office else written.off(visit)
    return HTMLResponse(body, headers={**_FRESH, "content-security-policy": written.policy})


@router.get("/connect/roomtone.crt", include_in_schema=False)
def certificate(office: Here) -> Response:
    """Returns the authority's certificate for Windows, macOS and Android."""
    return _file(office.authority.public_bytes(Encoding.DER), "application/x-x509-ca-cert", "roomtone.crt")


@router.get("/connect/roomtone.pem", include_in_schema=False)
def text_certificate(office: Here) -> Response:
    """Returns the authority's certificate as text, for Linux and for programs."""
    return _file(office.authority.public_bytes(Encoding.PEM), "application/x-pem-file", "roomtone.pem")


@router.get("/connect/roomtone.mobileconfig", include_in_schema=False)
def profile(office: Here, sentences: Sentences, language: Language) -> Response:
    """Returns the authority's certificate as a profile of iPhones and iPads."""
    content = profile_of(office.authority, office.title, sentences.say(language, "connect.profile"))
    # Shown, not saved: Safari asks about a profile only then, and else puts it among the files.
    return Response(content, media_type="application/x-apple-aspen-config", headers=_FRESH)


@router.get("/connect/qr.svg", include_in_schema=False)
def picture(office: Here) -> Response:
    """Returns the address of a first visit as a QR code."""
    first = office.first_visit()
    if first is None:
        raise ApiError("not_found", status=404)
    return Response(svg_of(first), media_type="image/svg+xml", headers=_FRESH)


@router.get("/connect/trusted", include_in_schema=False)
def trusted() -> Response:
    """Returns nothing; a browser that gets here over HTTPS trusts the certificate."""
    return Response(status_code=204, headers=_FRESH)


@router.get("/api/connect")
def connect(request: Request) -> JSONResponse:
    """Returns ``on``, the ``addresses`` that others use, ``first`` (where a new device begins), and ``beyond``.

    ``beyond`` tells whether other computers can open the pages at all, if need be without protection.
    """
    office: Office | None = request.app.state.office
    told = {"on": False, "addresses": [], "first": None, "beyond": request.app.state.beyond}
    if office is not None:
        told = {"on": True, "addresses": office.addresses(), "first": office.first_visit(), "beyond": True}
    return answer(told)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, media_type=kind, headers={**_FRESH, "content-disposition": f'attachment; filename="{name}"'}
    )


def _address(request: Request, office: Office | None) -> str:
    """Returns where to go on: the name that this visit used, unless that is known on this machine only."""
    if not is_loopback(request.url.hostname) or office is None:
        return "https://" + request.url.netloc
    return next(iter(office.addresses()), "https://" + request.url.netloc)


def _state(request: Request) -> str:
    if is_loopback(request.client.host if request.client else None):
        return "here"
    return "secure" if request.url.scheme == "https" else "checking"
