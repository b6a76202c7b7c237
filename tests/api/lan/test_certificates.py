"""Certificates: what they are good for, when they are made anew, and how they are kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import os
import plistlib
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from api.lan.certificates import Certificates, fingerprint
from api.lan.issuing import Issued, make_authority, make_server, names_in, within_limits
from api.lan.names import Interface, Names, is_of_office, names_of
from api.lan.profile import profile_of
from api.lan.renewal import Renewal, renewal

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def interface(name: str, address: str, prefix: int = 24) -> Interface:
    return Interface(
        name, ipaddress.ip_address(address), ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    )  # fmt: skip


def names(*addresses: str, hostname: str = "room-pc", more: tuple[str, ...] = ()) -> Names:
    return names_of([interface("eth0", address) for address in addresses], hostname, more)


OFFICE = names("192.168.1.5")


def issued(wanted: Names = OFFICE, now: dt.datetime = NOW) -> tuple[Issued, Issued]:
    authority = make_authority(now, wanted, "Roomtone room-pc")
    return authority, make_server(now, authority, within_limits(wanted, authority.certificate))


class Clock:
    """Time that stands still until it is moved; ``steady`` and wall clock move together."""

    def __init__(self) -> None:
        self.now = NOW

    def wall(self) -> dt.datetime:
        return self.now

    def steady(self) -> float:
        return (self.now - NOW).total_seconds()


def test_a_machine_is_known_by_its_private_addresses_and_names_and_the_way_out_comes_first() -> None:
    found = names_of(
        [
            interface("docker0", "172.17.0.1", 16),
            interface("eth0", "10.1.2.3"),
            interface("wlan0", "192.168.1.5"),
            interface("eth0", "fe80::1", 64),
            interface("eth0", "fd00::7", 64),
            interface("ppp0", "8.8.8.8"),
            interface("lo", "127.0.0.1", 8),
        ],
        "Room-PC.office.example",
        ["transcribe.office.example", "203.0.113.9"],
        main="192.168.1.5",
    )
    assert found.told == (
        "203.0.113.9", "192.168.1.5", "10.1.2.3", "172.17.0.1", "fd00::7",
        "room-pc.office.example", "room-pc", "room-pc.local", "transcribe.office.example",
    )  # fmt: skip
    assert found.hosts[0] == "localhost" and ipaddress.ip_address("127.0.0.1") in found.addresses


def test_a_name_with_other_than_plain_letters_is_left_out() -> None:
    assert names("10.0.0.1", hostname="会议室").hosts == ("localhost",)


@pytest.mark.parametrize(
    ("address", "private"),
    [("192.168.0.1", True), ("100.64.3.2", True), ("fd00::1", True), ("169.254.1.1", True), ("8.8.8.8", False),
     ("2a00::1", False), ("100.128.0.1", False)],
)  # fmt: skip
def test_private_networks_are_of_the_office_and_the_internet_is_not(address: str, private: bool) -> None:
    assert is_of_office(ipaddress.ip_address(address)) is private


def test_the_server_certificate_holds_all_addresses_and_names_and_a_year() -> None:
    _, server = issued(names("192.168.1.5", "fd00::7", more=("voice.example",)))
    held = names_in(server.certificate)
    told = {"192.168.1.5", "fd00::7", "127.0.0.1", "::1"}
    assert set(map(str, held.addresses)) == told
    assert set(held.hosts) >= {"localhost", "room-pc", "room-pc.local", "room-pc.lan", "voice.example"}
    lifetime = server.certificate.not_valid_after_utc - server.certificate.not_valid_before_utc
    assert dt.timedelta(days=390) < lifetime <= dt.timedelta(days=398)


def test_the_authority_signs_nothing_for_the_internet() -> None:
    authority, _ = issued()
    limits = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    asked = names("192.168.1.5", hostname="bank", more=("bank.example", "8.8.8.8"))
    held = within_limits(asked, authority.certificate)
    assert "bank.example" not in held.hosts and ipaddress.ip_address("8.8.8.8") not in held.addresses
    assert "bank.local" in held.hosts
    basic = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basic.ca, basic.path_length) == (True, 0)


def test_a_server_certificate_never_outlives_its_authority() -> None:
    authority, _ = issued()
    late = authority.certificate.not_valid_after_utc - 100 * DAY
    assert make_server(late, authority, OFFICE).certificate.not_valid_after_utc == (
        authority.certificate.not_valid_after_utc
    )  # fmt: skip


WITH_KEY, _SERVED = issued()
AUTHORITY, SERVER = WITH_KEY.certificate, _SERVED.certificate


@pytest.mark.parametrize(
    ("after_days", "wanted", "expected"),
    [
        (0, OFFICE, Renewal.NOTHING),
        (360, OFFICE, Renewal.NOTHING),
        (368, OFFICE, Renewal.SERVER),
        (-2, OFFICE, Renewal.SERVER),
        (3600, OFFICE, Renewal.SERVER),
        (3623, OFFICE, Renewal.AUTHORITY),
        (0, names("192.168.1.6"), Renewal.SERVER),
        (0, names("192.168.1.5", "10.0.0.9"), Renewal.SERVER),
        (0, names(), Renewal.NOTHING),
        (0, names("192.168.1.5", more=("new.example",)), Renewal.NOTHING),
        (0, names("192.168.1.5", hostname="new"), Renewal.SERVER),
    ],
)
def test_a_certificate_is_made_anew_in_time_and_when_addresses_come(
    after_days: int, wanted: Names, expected: Renewal
) -> None:
    assert renewal(NOW + after_days * DAY, AUTHORITY, SERVER, wanted) is expected


def test_nothing_there_and_what_another_authority_signed_are_made_anew() -> None:
    other_authority, other_server = issued()
    assert renewal(NOW, None, SERVER, OFFICE) is Renewal.AUTHORITY
    assert renewal(NOW, AUTHORITY, None, OFFICE) is Renewal.SERVER
    assert renewal(NOW, AUTHORITY, other_server.certificate, OFFICE) is Renewal.SERVER
    assert renewal(NOW, other_authority.certificate, SERVER, OFFICE) is Renewal.SERVER


def test_a_clock_that_is_years_behind_never_costs_the_authority() -> None:
    assert renewal(NOW - 5000 * DAY, AUTHORITY, SERVER, OFFICE) is Renewal.SERVER


@given(st.lists(st.ip_addresses().filter(is_of_office), max_size=5), st.integers(0, 3600))
def test_what_was_just_made_needs_no_renewal(addresses: list[ipaddress.IPv4Address], days: int) -> None:
    wanted = names_of([interface("eth0", str(address)) for address in addresses], "room-pc")
    now = NOW + days * DAY
    server = make_server(now, WITH_KEY, within_limits(wanted, AUTHORITY))
    assert renewal(now, AUTHORITY, server.certificate, wanted) is Renewal.NOTHING


def kept(folder: Path, clock: Clock, wanted: list[Names]) -> Certificates:
    return Certificates(folder, lambda: wanted[-1], clock.wall, clock.steady)


def test_keys_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept(tmp_path / "certificates", Clock(), [OFFICE])
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "certificates").iterdir()}
    assert modes == {"authority.crt": 0o644, "authority.key": 0o600, "server.crt": 0o644, "server.key": 0o600}
    assert stat.S_IMODE((tmp_path / "certificates").stat().st_mode) == 0o700


def test_a_second_start_keeps_what_people_have_installed(tmp_path: Path) -> None:
    first = kept(tmp_path, Clock(), [OFFICE])
    before = (tmp_path / "server.crt").read_bytes()
    assert kept(tmp_path, Clock(), [OFFICE]).authority == first.authority
    assert (tmp_path / "server.crt").read_bytes() == before


def test_a_new_address_is_served_after_a_while_without_a_restart(tmp_path: Path) -> None:
    clock, wanted = Clock(), [OFFICE]
    certificates = kept(tmp_path, clock, wanted)
    context, authority = certificates.context(), certificates.authority
    wanted.append(names("10.9.9.9"))
    assert certificates.context() is context
    clock.now += dt.timedelta(minutes=1)
    assert certificates.context() is not context
    assert certificates.authority == authority
    assert ipaddress.ip_address("10.9.9.9") in names_in(read(tmp_path / "server.crt")).addresses


def test_an_authority_that_ends_is_replaced_and_kept_beside(tmp_path: Path) -> None:
    clock = Clock()
    certificates = kept(tmp_path, clock, [OFFICE])
    before = certificates.authority
    clock.now += 3640 * DAY
    certificates.context()
    assert certificates.authority != before
    [old] = tmp_path.glob("authority.crt.until-*")
    assert read(old) == before


@pytest.mark.parametrize("name", ["server.crt", "server.key", "authority.crt", "authority.key"])
@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_broken_files_are_made_anew(tmp_path: Path, name: str, content: bytes | None) -> None:
    kept(tmp_path, Clock(), [OFFICE])
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    again = kept(tmp_path, Clock(), [OFFICE])
    assert again.context() is not None
    assert read(tmp_path / "server.crt").issuer == again.authority.subject


def test_names_that_came_after_the_authority_are_told(tmp_path: Path) -> None:
    kept(tmp_path, Clock(), [OFFICE])
    later = kept(tmp_path, Clock(), [names("192.168.1.5", more=("voice.example",))])
    assert later.left_out == ("voice.example",)
    assert "voice.example" not in later.names.told


def test_the_fingerprint_is_that_of_other_programs(tmp_path: Path) -> None:
    authority = kept(tmp_path, Clock(), [OFFICE]).authority
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "authority.crt").read_text())
    assert fingerprint(authority).replace(":", "") == hashlib.sha256(der).hexdigest().upper()
    assert fingerprint(authority, old=True).replace(":", "") == hashlib.sha1(der).hexdigest().upper()


def test_a_profile_holds_the_authority_and_is_the_same_each_time(tmp_path: Path) -> None:
    authority = kept(tmp_path, Clock(), [OFFICE]).authority
    told = plistlib.loads(profile_of(authority, "Roomtone", "办公室"))
    [held] = told["PayloadContent"]
    assert held["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(held["PayloadContent"]) == authority
    assert profile_of(authority, "Roomtone", "办公室") == profile_of(authority, "Roomtone", "办公室")


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())
