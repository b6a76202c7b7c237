"""The steps by which each kind of device comes to trust this machine: one picture and one sentence a step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a drawing of ``assets/connect`` and the words in it, each a key of a sentence or ready text.

    The sentence beside it is ``connect.<device>.<number>``. Words in angle brackets are filled in: ``<authority>``,
    ``<address>``, ``<host>`` and ``<sha1>``.
    """

    drawing: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of device; ``file`` is what it downloads."""

    name: str
    file: str
    steps: tuple[Step, ...]


DEVICES = (
    Device(
        "windows",
        "roomtone.crt",
        (
            Step("download", ("roomtone.crt",)),
            Step("dialog", ("connect.word.certificate", "connect.word.install")),
            Step("choice", ("connect.word.location", "connect.word.user", "connect.word.next")),
            Step("store", ("connect.word.following", "connect.word.roots")),
            Step("compare", ("connect.word.warning", "connect.word.yes", "<sha1>")),
            Step("done", ("<address>",)),
        ),
    ),
    Device(
        "macos",
        "roomtone.crt",
        (
            Step("download", ("roomtone.crt",)),
            Step("keychain", ("connect.word.keychain", "<authority>")),
            Step("trust", ("connect.word.trust", "connect.word.using", "connect.word.always")),
            Step("done", ("<address>",)),
        ),
    ),
    Device(
        "ios",
        "roomtone.mobileconfig",
        (
            Step("phone_ask", ("connect.word.allow",)),
            Step("phone_list", ("connect.word.settings", "connect.word.profile")),
            Step("phone_switch", ("connect.word.trusted", "<authority>")),
            Step("done", ("<address>",)),
        ),
    ),
    Device(
        "android",
        "roomtone.crt",
        (
            Step("download", ("roomtone.crt",)),
            Step("phone_list", ("connect.word.install_one", "connect.word.ca")),
            Step("phone_ask", ("connect.word.anyway",)),
            Step("done", ("<address>",)),
        ),
    ),
    Device(
        "linux",
        "roomtone.pem",
        (
            Step("download", ("roomtone.pem",)),
            Step("dialog", ("connect.word.certificates", "connect.word.import")),
            Step("done", ("<address>",)),
        ),
    ),
)
PAST_THE_WARNING = Device(
    "past",
    "",
    (
        Step("warning", ("connect.word.advanced", "connect.word.proceed")),
        Step("microphone", ("connect.word.microphone", "connect.word.allow")),
    ),
)


def device_of(user_agent: str) -> str:
    """Returns the name of the device that a browser runs on, as far as it tells; iPads say that they are Macs."""
    told = user_agent.lower()
    marks = (("windows", "windows"), ("iphone", "ios"), ("ipad", "ios"), ("android", "android"), ("mac os", "macos"))
    return next((name for mark, name in marks if mark in told), "linux")
