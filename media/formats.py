"""Which kinds of file may be opened, and what a file that is no recording is."""

from __future__ import annotations

import re
from pathlib import Path

from media.errors import MediaError

CONTAINERS = (
    "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dsf", "dts", "dtshd", "dv",
    "eac3", "flac", "flv", "gsm", "gxf", "iff", "ircam", "loas", "matroska", "webm", "mlp", "mov", "mp3", "mpc",
    "mpc8", "mpeg", "mpegts", "mxf", "nistsphere", "nut", "ogg", "oma", "qcp", "qoa", "rm", "shn", "sox", "tak",
    "truehd", "tta", "voc", "w64", "wav", "wtv", "wv", "xwma",
)  # fmt: skip
"""FFmpeg's names of containers of sound and video. Left out on purpose: everything that names other files or addresses
(hls, dash, concat, sdp, image2 ...), text, pictures, raw streams without a header, and devices."""

AUDIO_DECODERS = (
    "aac", "aac_fixed", "aac_latm", "ac3", "ac3_fixed", "adpcm_g722", "adpcm_g726", "adpcm_ima_qt", "adpcm_ima_wav",
    "adpcm_ms", "adpcm_swf", "adpcm_yamaha", "alac", "amrnb", "amrwb", "ape", "atrac1", "atrac3", "atrac3p", "cook",
    "dca", "dsd_lsbf", "dsd_lsbf_planar", "dsd_msbf", "dsd_msbf_planar", "dvaudio", "eac3", "flac", "g722", "g723_1",
    "g726", "g729", "gsm", "gsm_ms", "ilbc", "libopencore_amrnb", "libopencore_amrwb", "libopus", "mlp", "mp1",
    "mp1float", "mp2", "mp2float", "mp3", "mp3float", "mpc7", "mpc8", "nellymoser", "opus", "pcm_alaw", "pcm_bluray",
    "pcm_dvd", "pcm_f16le", "pcm_f24le", "pcm_f32be", "pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be",
    "pcm_s16be_planar", "pcm_s16le", "pcm_s16le_planar", "pcm_s24be", "pcm_s24le", "pcm_s24le_planar", "pcm_s32be",
    "pcm_s32le", "pcm_s32le_planar", "pcm_s64be", "pcm_s64le", "pcm_s8", "pcm_s8_planar", "pcm_u16be", "pcm_u16le",
    "pcm_u24be", "pcm_u24le", "pcm_u32be", "pcm_u32le", "pcm_u8", "qcelp", "qdm2", "qoa", "ra_144", "ra_288",
    "real_144", "real_288", "s302m", "shorten", "sipr", "speex", "tak", "truehd", "tta", "vorbis", "wavpack",
    "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice",
)  # fmt: skip
"""FFmpeg's names of the decoders that may be opened while a file is being looked at."""

PICTURE_DECODERS = (
    "h263", "h264", "hevc", "libdav1d", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v3", "prores", "vp8",
    "vp9", "wmv2", "wmv3",
)  # fmt: skip
"""FFmpeg's names of decoders that may be opened to learn the size of pictures, where these are copied."""

OLD_PICTURE_DECODERS = (
    "cinepak", "dnxhd", "dvvideo", "ffv1", "flv", "huffyuv", "indeo3", "indeo5", "msmpeg4", "msmpeg4v1", "msmpeg4v2",
    "qtrle", "rawvideo", "rv30", "rv40", "svq1", "svq3", "theora", "utvideo", "vc1", "vp6", "vp6f", "wmv1",
)  # fmt: skip
"""More of them, for pictures that are made anew: of tapes, of cameras and of the web as it was."""

_HEAD_BYTES = 4096
_PLAYLIST = re.compile(
    rb"\s*(#EXTM3U|#EXTINF|#EXT-X|ffconcat\s|\[playlist\]|\[Reference\]|RTSPtext|v=0\r?\no=|(#[^\n]*\n\s*)*file\s+['\"/\w.])"
    rb"|.{0,600}<(asx|MPD|smil|playlist|SmoothStreamingMedia|manifest)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_TEXT_SIGNS = ((b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<svg", "SVG"), (b"webvtt", "VTT"), (b"<?xml", "XML"))
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x89PNG\r\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"\x1f\x8b", "GZIP"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"{\\rtf", "RTF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
)


def refuse_other_files(source: Path) -> None:
    """Raises MediaError for a file that is empty, a list of other files, a text or a known document."""
    with open(source, "rb") as file:
        head = file.read(_HEAD_BYTES)
    code, kind = what_is(head)
    if code == "media_document":
        raise MediaError(code, kind=kind)
    if code:
        raise MediaError(code)


def what_is(head: bytes) -> tuple[str | None, str | None]:
    """Returns the error code that a file's first bytes deserve and the name of its kind; (None, None) for the rest."""
    if not head:
        return "media_empty", None
    text = _as_text(head)
    if text is not None and _PLAYLIST.match(text):
        return "media_playlist", None
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            return "media_document", kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "media_document", "WEBP"
    if text is not None:
        written = _text_kind(text)
        return ("media_document", written) if written else ("media_text", None)
    return None, None


def _as_text(head: bytes) -> bytes | None:
    """Returns ``head`` as UTF-8 bytes where it reads as text, else None."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if head.startswith(mark):
            body = head[len(mark) :]
            body = body[: len(body) // 2 * 2] if encoding != "utf-8" else body
            return _printable(body.decode(encoding, "replace"))
    return _printable(head.decode("utf-8", "replace").rstrip("\ufffd"))


def _printable(text: str) -> bytes | None:
    odd = sum(1 for sign in text if sign == "\ufffd" or (sign < " " and sign not in "\t\r\n\f"))
    return text.encode() if text.strip() and not odd else None


def _text_kind(text: bytes) -> str | None:
    start = text.lstrip()[:600].lower()
    for sign, kind in _TEXT_SIGNS:
        if start.startswith(sign):
            return "SVG" if kind == "XML" and b"<svg" in start else kind
    if re.match(rb"\d+\s*\r?\n\d+:\d\d:\d\d[,.]\d+\s*-->", start):
        return "SRT"
    return None
