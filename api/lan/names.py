"""The names and addresses that other computers of the office can reach this machine by."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Address, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))
ENDINGS = ("local", "lan", "internal", "home.arpa")
"""What routers and the machines themselves put behind a machine's name; no site of the internet has them."""
_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""Carriers and private overlay networks; Python counts it neither as private nor as global."""
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*")
_MADE_UP = re.compile(r"(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|cni|flannel|lxc|podman|utun|tun|tap|wg)", re.I)
"""Interfaces of virtual machines, containers and tunnels, which nobody in the office sees."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of one network interface of this machine."""

    name: str
    address: Address
    network: Network


@dataclass(frozen=True, slots=True)
class Names:
    """What a certificate has to be good for; ``addresses`` are in the order in which people are told them."""

    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]
    networks: tuple[Network, ...] = ()

    @property
    def title(self) -> str:
        """The name that people know the machine by."""
        return next((name for name in self.hosts if name != "localhost"), "localhost")

    @property
    def told(self) -> tuple[str, ...]:
        """What people are told: the addresses beyond loopback, IPv4 first, then the names that are likely to work."""
        beyond = [address for address in self.addresses if not address.is_loopback]
        ordered = sorted(beyond, key=lambda address: address.version)
        short = self.title.partition(".")[0]
        unlikely = {"localhost", *(f"{short}.{ending}" for ending in ENDINGS[1:])} - {self.title}
        return (*map(str, ordered), *(name for name in self.hosts if name not in unlikely))


def is_of_office(address: Address) -> bool:
    """Tells whether an address belongs to a private network, and not to the internet."""
    return address.is_private or (address.version == 4 and address in _SHARED)


def names_of(
    interfaces: Iterable[Interface], hostname: str, more: Iterable[str] = (), main: str | None = None
) -> Names:
    """Returns the names of a machine: those of its private addresses, its own name, and ``more`` names or addresses.

    ``main`` is the address that the machine itself uses to go out; it comes first. Addresses that hold for one link
    only (fe80::) are left out, as browsers cannot ask for them. A name with other than plain letters is left out too.
    """
    asked, hosts = [], []
    for name in (item.strip().lower().strip("[]") for item in more):
        try:
            asked.append(ipaddress.ip_address(name))
        except ValueError:
            hosts.append(name)
    own = hostname.strip().lower().rstrip(".")
    short = own.partition(".")[0]
    known = [
        name
        for name in ("localhost", own, short, *(f"{short}.{ending}" for ending in ENDINGS), *hosts)
        if _NAME.fullmatch(name)
    ]
    usable = [one for one in interfaces if is_of_office(one.address) and not one.address.is_loopback]
    usable = [one for one in usable if not one.address.is_link_local]
    usable.sort(key=lambda one: (str(one.address) != main, bool(_MADE_UP.match(one.name))))
    found = [*asked, *(one.address for one in usable)]
    networks = tuple(dict.fromkeys(one.network for one in usable))
    return Names(tuple(dict.fromkeys(known)), tuple(dict.fromkeys([*found, *LOOPBACK])), networks)


def look(more: Iterable[str] = ()) -> Names:
    """Returns the names of this machine as they are now; asks no name server and sends nothing."""
    return names_of(_interfaces(), socket.gethostname(), more, _main_address())


def _interfaces() -> list[Interface]:
    found = []
    for name, entries in psutil.net_if_addrs().items():
        for entry in entries:
            if entry.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            address = ipaddress.ip_address(entry.address.partition("%")[0])
            mask = entry.netmask if address.version == 4 else None
            network = ipaddress.ip_network(f"{address}/{mask or (32 if address.version == 4 else 64)}", strict=False)
            found.append(Interface(name, address, network))
    return found


def _main_address() -> str | None:
    # Connecting a datagram socket only chooses a route; no packet leaves.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as chosen:
        try:
            chosen.connect(("10.254.254.254", 9))
            return str(chosen.getsockname()[0])
        except OSError:
            return None
