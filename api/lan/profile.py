"""The authority as a configuration profile of iPhones and iPads."""

from __future__ import annotations

import plistlib
import uuid

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.lan.certificates import fingerprint


def profile_of(authority: x509.Certificate, title: str, description: str) -> bytes:
    """Returns a profile that holds one root certificate; the same authority always gives the same profile."""
    seed = fingerprint(authority)
    inner, outer = (str(uuid.uuid5(uuid.NAMESPACE_OID, seed + part)).upper() for part in ("certificate", "profile"))
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"roomtone.{outer}",
            "PayloadUUID": outer,
            "PayloadDisplayName": title,
            "PayloadDescription": description,
            "PayloadContent": [
                {
                    "PayloadType": "com.apple.security.root",
                    "PayloadVersion": 1,
                    "PayloadIdentifier": f"roomtone.{outer}.{inner}",
                    "PayloadUUID": inner,
                    "PayloadDisplayName": title,
                    "PayloadCertificateFileName": "roomtone.crt",
                    "PayloadContent": authority.public_bytes(Encoding.DER),
                }
            ],
        }
    )
