"""Decides when a certificate has to be made anew."""

from __future__ import annotations

import datetime as dt
import enum

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from api.lan.issuing import names_in, within_limits
from api.lan.names import Names

BEFORE_END = dt.timedelta(days=30)


class Renewal(enum.Enum):
    """What has to be made anew; a new authority has to be installed again on every device."""

    NOTHING = "nothing"
    SERVER = "server"
    AUTHORITY = "authority"


def renewal(
    now: dt.datetime, authority: x509.Certificate | None, server: x509.Certificate | None, names: Names
) -> Renewal:
    """Returns what has to be made anew at ``now`` so that browsers accept this server under all of ``names``.

    A certificate that is good for more than ``names`` stays: a laptop that comes back to the office needs no new one.
    A clock that is wrong for a while never costs the authority before its end is near.
    """
    if authority is None or now >= authority.not_valid_after_utc - BEFORE_END:
        return Renewal.AUTHORITY
    if server is None or not _is_from(authority, server):
        return Renewal.SERVER
    ends_soon = now >= server.not_valid_after_utc - BEFORE_END
    if now < server.not_valid_before_utc or (ends_soon and server.not_valid_after_utc < authority.not_valid_after_utc):
        return Renewal.SERVER
    wanted, held = within_limits(names, authority), names_in(server)
    missing = set(wanted.hosts) - set(held.hosts) or set(wanted.addresses) - set(held.addresses)
    return Renewal.SERVER if missing else Renewal.NOTHING


def _is_from(authority: x509.Certificate, server: x509.Certificate) -> bool:
    try:
        server.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
