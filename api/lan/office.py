"""Where other computers of the office find this server."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

from api.lan.certificates import Certificates
from api.lan.names import look
from api.safety import is_loopback
from workbench.settings import Settings

EVERYWHERE = ("0.0.0.0", "::", "")


class Office:
    """The addresses of a server that other computers may use, and the certificate that they come to trust."""

    def __init__(self, certificates: Certificates, port: int) -> None:
        self.certificates = certificates
        self._port = port

    @classmethod
    def open(cls, settings: Settings) -> Office:
        """Returns the office of these settings, with certificates in the data folder; raises OSError."""
        more = [name for name in settings.host_names if name != "*"]
        if settings.host not in EVERYWHERE and not is_loopback(settings.host):
            more.append(settings.host)
        return cls(Certificates(settings.data / "certificates", lambda: look(more)), settings.port)

    @property
    def authority(self) -> x509.Certificate:
        """The certificate of the authority."""
        return self.certificates.authority

    @property
    def title(self) -> str:
        """What people see of it in their lists of certificates."""
        return str(self.authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    def addresses(self) -> list[str]:
        """Returns ``https://…`` for each address and name beyond loopback, the likeliest first; may be empty."""
        return ["https://" + netloc(name, self._port, 443) for name in self.certificates.names.told]

    def first_visit(self) -> str | None:
        """Returns where a device that does not trust us yet begins, None without a network."""
        told = self.certificates.names.told
        return f"http://{netloc(told[0], self._port, 80)}/connect" if told else None


def netloc(name: str, port: int, usual: int) -> str:
    """Returns ``name:port`` as it stands in an address."""
    host = f"[{name}]" if ":" in name else name
    return host if port == usual else f"{host}:{port}"
