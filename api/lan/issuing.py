"""Makes the office's own certificate authority and the certificates of this server; nothing here touches the disk."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from api.lan.names import ENDINGS, Names, Network

AUTHORITY_DAYS = 3652
SERVER_DAYS = 397
"""Apple's systems refuse certificates of a server that hold much longer than a year."""
BACKDATED = dt.timedelta(days=1)
"""Clocks of telephones and old computers are late at times."""
_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
_DOMAINS = ("localhost", *ENDINGS)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_authority(now: dt.datetime, names: Names, title: str) -> Issued:
    """Returns a new authority that can vouch for machines of private networks only, and for ``names``.

    The limits are part of the certificate (RFC 5280, 4.2.1.10), so that whoever steals its key cannot pretend to be a
    bank to the people who trust it. ``title`` is what people see in their list of certificates.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Roomtone"), x509.NameAttribute(NameOID.COMMON_NAME, title[:64])]
    )
    builder = _started(subject, subject, key.public_key(), now, now + dt.timedelta(days=AUTHORITY_DAYS))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(_limits(names), critical=True)
    builder = builder.add_extension(identifier, critical=False)
    return Issued(builder.sign(key, hashes.SHA256()), key)


def make_server(now: dt.datetime, authority: Issued, names: Names) -> Issued:
    """Returns a new certificate of this server for ``names``, which never outlives the authority's."""
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + dt.timedelta(days=SERVER_DAYS), authority.certificate.not_valid_after_utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Roomtone")])
    builder = _started(subject, authority.certificate.subject, key.public_key(), now, end)
    known = [x509.DNSName(name) for name in names.hosts] + [x509.IPAddress(address) for address in names.addresses]
    issuer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    for extension, critical in (
        (x509.SubjectAlternativeName(known), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return Issued(builder.sign(authority.key, hashes.SHA256()), key)


def names_in(certificate: x509.Certificate) -> Names:
    """Returns the names that a server's certificate is good for."""
    try:
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names((), ())
    hosts, addresses = known.get_values_for_type(x509.DNSName), known.get_values_for_type(x509.IPAddress)
    return Names(tuple(hosts), tuple(a for a in addresses if not isinstance(a, Network)))


def within_limits(names: Names, authority: x509.Certificate) -> Names:
    """Returns those of ``names`` that the authority may vouch for; browsers refuse a certificate with any other."""
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    domains = [limit.value for limit in limits if isinstance(limit, x509.DNSName)]
    networks = [limit.value for limit in limits if isinstance(limit, x509.IPAddress)]
    return Names(
        tuple(name for name in names.hosts if any(name == end or name.endswith("." + end) for end in domains)),
        tuple(
            address
            for address in names.addresses
            if any(isinstance(n, Network) and n.version == address.version and address in n for n in networks)
        ),
        names.networks,
    )


def _started(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, end: dt.datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - BACKDATED).not_valid_after(end)


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _limits(names: Names) -> x509.NameConstraints:
    networks: list[Network] = [ipaddress.ip_network(text) for text in _NETWORKS]
    single: list[Network] = [ipaddress.ip_network(address) for address in names.addresses]
    for network in (*names.networks, *single):
        if not _is_inside(network, networks):
            networks.append(network)
    domains = list(_DOMAINS)
    domains += [name for name in names.hosts if not any(name == d or name.endswith("." + d) for d in _DOMAINS)]
    permitted = [x509.DNSName(domain) for domain in domains] + [x509.IPAddress(network) for network in networks]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _is_inside(network: Network, known: Iterable[Network]) -> bool:
    first, last = network[0], network[-1]
    return any(one.version == network.version and first in one and last in one for one in known)
