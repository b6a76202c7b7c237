"""Keeps the authority and the server's certificate in ``data/certificates`` and renews them by itself."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from api.lan.issuing import Issued, make_authority, make_server, within_limits
from api.lan.names import Names
from api.lan.renewal import Renewal, renewal

log = logging.getLogger(__name__)
LOOK_EVERY_S = 30.0
"""How often a new connection has the addresses looked at again."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Certificates:
    """The certificates of this machine; ``context`` always belongs to the addresses that it has now. Thread-safe.

    ``look`` returns the machine's names. The keys lie in ``folder`` and can be read by its owner only. An authority
    that has to be replaced is kept beside the new one under another name. Raises OSError where the folder cannot be
    used.
    """

    def __init__(
        self,
        folder: Path,
        look: Callable[[], Names],
        now: Callable[[], dt.datetime] = _now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._look = look
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._looked_at = monotonic()
        self._names = look()
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._authority, self._context = self._renewed(None)

    @property
    def authority(self) -> x509.Certificate:
        """The certificate that people install on their devices."""
        return self._authority.certificate

    @property
    def names(self) -> Names:
        """The names that this server is reached by, as they are now."""
        self.context()
        return within_limits(self._names, self.authority)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names and addresses that the authority, made before them, cannot vouch for."""
        fitting = within_limits(self._names, self.authority)
        return tuple(name for name in self._names.told if name not in fitting.told)

    def context(self) -> ssl.SSLContext:
        """Returns what a new connection is served with; renews it first where time or the network ask for it."""
        with self._lock:
            if self._monotonic() - self._looked_at >= LOOK_EVERY_S:
                self._looked_at = self._monotonic()
                try:
                    self._names = self._look()
                    self._authority, self._context = self._renewed(self._context)
                except OSError:
                    log.exception("the certificate could not be renewed; the old one is served on")
            return self._context

    def _renewed(self, context: ssl.SSLContext | None) -> tuple[Issued, ssl.SSLContext]:
        authority, server = self._read("authority"), self._read("server")
        known = authority.certificate if authority else None
        needed = renewal(self._now(), known, server.certificate if server else None, self._names)
        if authority is None or needed is Renewal.AUTHORITY:
            self._put_aside("authority")
            authority = make_authority(self._now(), self._names, f"Roomtone {self._names.title}")
            self._write("authority", authority)
            log.info("made a new certificate authority: %s", fingerprint(authority.certificate))
        if needed is not Renewal.NOTHING:
            names = within_limits(self._names, authority.certificate)
            self._write("server", make_server(self._now(), authority, names), chain=authority.certificate)
            log.info("made a new server certificate for %s", ", ".join(names.told))
        if context is None or needed is not Renewal.NOTHING:
            context = self._loaded()
        return authority, context

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self.folder / "server.crt", self.folder / "server.key")
        return context

    def _read(self, name: str) -> Issued | None:
        """Returns what is kept under a name, None when it is not there, broken, or does not fit together."""
        try:
            certificate = x509.load_pem_x509_certificate((self.folder / f"{name}.crt").read_bytes())
            key = load_pem_private_key((self.folder / f"{name}.key").read_bytes(), password=None)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            log.warning("%s in %s cannot be read: %s", name, self.folder, error)
            return None
        fits = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
        return Issued(certificate, key) if fits and isinstance(key, ec.EllipticCurvePrivateKey) else None

    def _write(self, name: str, issued: Issued, chain: x509.Certificate | None = None) -> None:
        key = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificates = [issued.certificate, *([chain] if chain else [])]
        _replace(self.folder / f"{name}.key", key, 0o600)
        _replace(self.folder / f"{name}.crt", b"".join(one.public_bytes(Encoding.PEM) for one in certificates), 0o644)

    def _put_aside(self, name: str) -> None:
        stamp = self._now().strftime("%Y%m%d-%H%M%S")
        for end in ("crt", "key"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(self.folder / f"{name}.{end}", self.folder / f"{name}.{end}.until-{stamp}")


def fingerprint(certificate: x509.Certificate, old: bool = False) -> str:
    """Returns the SHA-256 of a certificate as ``AB:CD:…``; ``old`` for the SHA-1 that Windows shows."""
    return certificate.fingerprint(hashes.SHA1() if old else hashes.SHA256()).hex(":").upper()


def _replace(path: Path, content: bytes, mode: int) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    # Made with its final rights: between a usual open and a chmod, others could read the key.
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(part, how, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
