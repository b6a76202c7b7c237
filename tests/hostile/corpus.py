"""Odd and hostile files, each with the plain result or the error that a person gets."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.hostile.making import Track, damage, long_silence, media, shorten, tone, wav


@dataclass(frozen=True)
class Sound:
    """A recording that is taken; ``seconds`` are met within ``within``; ``damaged`` None: either."""

    seconds: float = 1.0
    kind: str = "audio"
    within: float = 0.15
    damaged: bool | None = False


@dataclass(frozen=True)
class Case:
    """One file: the name that somebody gave it, how it is made, and what is expected: a Sound or an error's code."""

    name: str
    make: Callable[[Path], object]
    expected: Sound | str


def write(content: bytes | str) -> Callable[[Path], object]:
    data = content.encode() if isinstance(content, str) else content
    return lambda path: path.write_bytes(data)


def sound(container: str, codec: str, **track: object) -> Callable[[Path], object]:
    return lambda path: media(path, container, [Track(codec, **track)])  # type: ignore[arg-type]


def film(container: str, codec: str, picture: str, **track: object) -> Callable[[Path], object]:
    return lambda path: media(path, container, [Track(codec, **track)], picture)  # type: ignore[arg-type]


def pcm(dtype: str, rate: int, channels: int = 1, form: int = 1, seconds: float = 1.0) -> Callable[[Path], object]:
    scale = {"u1": 127, "<i2": 32767, "<i4": 2**31 - 1}.get(dtype, 1)
    shift = 128 if dtype == "u1" else 0
    return lambda path: wav(path, (tone(seconds, rate, channels) * scale + shift).astype(dtype), rate, form=form)


def floats(value: float) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        samples = tone(1.0, 48_000).astype("<f4")
        samples[1000:1100] = value
        return wav(path, samples, 48_000, form=3)

    return make


def lying(data_size: int, seconds: float = 1.0) -> Callable[[Path], object]:
    return lambda path: wav(path, (tone(seconds, 16_000) * 32767).astype("<i2"), 16_000, data_size=data_size)


def short(n_samples: int) -> Callable[[Path], object]:
    return lambda path: wav(path, np.full((n_samples, 1), 1000, "<i2"), 16_000)


def broken(make: Callable[[Path], object], first: float, last: float) -> Callable[[Path], object]:
    def again(path: Path) -> object:
        make(path)
        return damage(path, first, last)

    return again


def cut(make: Callable[[Path], object], share: float) -> Callable[[Path], object]:
    def again(path: Path) -> object:
        make(path)
        return shorten(path, share)

    return again


def one_after_another(*makes: Callable[[Path], object]) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        joined = b""
        for part in makes:
            part(path)
            joined += path.read_bytes()
        return path.write_bytes(joined)

    return make


def tagged(tag: bytes) -> Callable[[Path], object]:
    """An MP3 with an ID3 tag before it."""

    def make(path: Path) -> object:
        sound("mp3", "libmp3lame", rate=16_000)(path)
        return path.write_bytes(tag + path.read_bytes())

    return make


def id3(body: bytes, told: int | None = None) -> bytes:
    size = len(body) if told is None else told
    return b"ID3\x03\x00\x00" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


def id3_frame(name: bytes, body: bytes, flags: int = 0) -> bytes:
    return name + struct.pack(">IH", len(body), flags) + body


def patched(make: Callable[[Path], object], sign: bytes, offset: int, value: bytes) -> Callable[[Path], object]:
    """Overwrites bytes at ``offset`` after the first place of ``sign``."""

    def again(path: Path) -> object:
        make(path)
        data = bytearray(path.read_bytes())
        at = data.index(sign) + len(sign) + offset
        data[at : at + len(value)] = value
        return path.write_bytes(data)

    return again


def zipped(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "x" * 2000)
    return packed.getvalue()


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def noise(n_bytes: int) -> bytes:
    return np.random.default_rng(7).integers(0, 256, n_bytes, np.uint8).tobytes()


PACKED = zlib.compress(bytes(10**6))
M3U8 = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n"
MPD = '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>secret.wav</BaseURL></MPD>'
XSPF = '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList/></playlist>'
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n"
SMIL = '<smil><body><audio src="secret.wav"/></body></smil>'
HTML = "<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
MP3 = sound("mp3", "libmp3lame", rate=44_100, layout="stereo", seconds=4.0)
M4A = sound("ipod", "aac", rate=44_100, seconds=4.0)
OGG = sound("ogg", "libopus", rate=48_000, seconds=4.0)
FLAC = sound("flac", "flac", rate=16_000, seconds=4.0)


def faststart(path: Path) -> object:
    return media(path, "mp4", [Track("aac", rate=44_100, seconds=4.0)], options={"movflags": "faststart"})


def fragments(path: Path) -> object:
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
    return media(path, "mp4", [Track("aac", rate=44_100, seconds=4.0)], options=options)


def many_tracks(path: Path) -> object:
    return media(path, "matroska", [Track("pcm_s16le", 8_000, seconds=0.1) for _ in range(120)])


CASES: tuple[Case, ...] = (
    # Sound of every common kind.
    Case("u8 8 kHz.wav", pcm("u1", 8_000), Sound()),
    Case("s16.wav", pcm("<i2", 16_000), Sound()),
    Case("s24 stereo.wav", sound("wav", "pcm_s24le", rate=44_100, layout="stereo"), Sound()),
    Case("s32.wav", pcm("<i4", 32_000), Sound()),
    Case("float 192 kHz.wav", pcm("<f4", 192_000, form=3), Sound()),
    Case("double.wav", pcm("<f8", 48_000, form=3), Sound()),
    Case("eight channels.wav", pcm("<i2", 48_000, channels=8), Sound()),
    Case("sixteen channels.wav", pcm("<i2", 48_000, channels=16), Sound()),
    Case("a-law.wav", sound("wav", "pcm_alaw", rate=8_000), Sound()),
    Case("mu-law.au", sound("au", "pcm_mulaw", rate=8_000), Sound()),
    Case("adpcm.wav", sound("wav", "adpcm_ms", rate=22_050), Sound()),
    Case("768 kHz.wav", pcm("<i2", 768_000), Sound()),
    Case("speech.mp3", MP3, Sound(4.0)),
    Case("voice memo.m4a", M4A, Sound(4.0)),
    Case("raw.aac", sound("adts", "aac", rate=44_100), Sound()),
    Case("vorbis.ogg", sound("ogg", "vorbis", rate=44_100, layout="stereo"), Sound()),
    Case("opus.ogg", OGG, Sound(4.0)),
    Case("lossless.flac", FLAC, Sound(4.0)),
    Case("telephone.amr", sound("amr", "libopencore_amrnb", rate=8_000, bit_rate=12_200), Sound()),
    Case("telephone.3gp", sound("3gp", "libopencore_amrnb", rate=8_000, bit_rate=12_200), Sound()),
    Case("windows.wma", sound("asf", "wmav2", rate=44_100, bit_rate=64_000), Sound()),
    Case("apple.caf", sound("caf", "alac", rate=44_100), Sound()),
    Case("apple.aiff", sound("aiff", "pcm_s16be", rate=44_100), Sound()),
    Case("sony.w64", sound("w64", "pcm_s16le", rate=44_100), Sound()),
    Case("pack.wv", sound("wv", "wavpack", rate=44_100), Sound()),
    Case("true.tta", sound("tta", "tta", rate=44_100), Sound()),
    Case("dolby.ac3", sound("ac3", "ac3", rate=48_000, bit_rate=96_000), Sound()),
    Case("browser.webm", sound("webm", "libopus", rate=48_000), Sound()),
    # Video: only its sound is taken.
    Case("meeting.mp4", film("mp4", "aac", "libx264", rate=44_100), Sound(kind="video")),
    Case("meeting.mov", film("mov", "aac", "libx264", rate=44_100), Sound(kind="video")),
    Case("meeting.mkv", film("matroska", "libmp3lame", "libx264", rate=44_100), Sound(kind="video")),
    Case("meeting.webm", film("webm", "libopus", "libvpx", rate=48_000), Sound(kind="video")),
    Case("meeting.avi", film("avi", "libmp3lame", "mpeg4", rate=44_100), Sound(kind="video")),
    Case("meeting.ts", film("mpegts", "mp2", "mpeg2video", rate=48_000), Sound(kind="video")),
    Case("meeting.flv", film("flv", "aac", "libx264", rate=44_100), Sound(kind="video")),
    Case("no sound.mp4", lambda path: media(path, "mp4", [], "libx264"), "media_no_sound"),
    Case("no sound.mkv", lambda path: media(path, "matroska", [], "libx264"), "media_no_sound"),
    Case("late sound.mkv", film("matroska", "pcm_s16le", "libx264", delay_s=1.0), Sound(2.0, kind="video")),
    Case("a hole of 3 s.webm", sound("webm", "libopus", rate=48_000, seconds=2.0, hole=(1.0, 3.0)), Sound(5.0)),
    Case(
        "two languages.mkv",
        lambda path: media(path, "matroska", [Track("flac", seconds=1.0), Track("flac", seconds=2.0, default=True)]),
        Sound(2.0),
    ),
    # Wrong names, odd names: the name decides nothing.
    Case("really an mp3.wav", MP3, Sound(4.0)),
    Case("really a flac.txt", FLAC, Sound(4.0)),
    Case("no ending", OGG, Sound(4.0)),
    Case("quote\"s 'and' `more`; $(reboot).mp3", MP3, Sound(4.0)),
    Case("会议 🎧 запись.mp3", MP3, Sound(4.0)),
    Case("../../../../etc/passwd", MP3, Sound(4.0)),
    Case("<img src=x onerror=alert(1)>.mp3", MP3, Sound(4.0)),
    Case("n" * 296 + ".mp3", MP3, Sound(4.0)),
    Case("concat:a|b.mp3", MP3, Sound(4.0)),
    Case("line\nbreak\t.mp3", MP3, Sound(4.0)),
    # Nearly nothing.
    Case("zero bytes.mp3", write(b""), "media_empty"),
    Case("no samples.wav", short(0), "media_empty"),
    Case("one sample.wav", short(1), Sound(0.0, within=0.001)),
    Case("10 ms.wav", short(160), Sound(0.01, within=0.001)),
    Case("one byte.mp3", write(b"\xff"), "media_unreadable"),
    Case("zeros.mp3", write(b"\0" * 100_000), "media_unreadable"),
    Case("noise.mp3", write(noise(100_000)), "media_unreadable"),
    # Headers that lie.
    Case("streamed.wav", lying(0xFFFFFFFF), Sound()),
    Case("tells more than it has.wav", lying(320_000), Sound(damaged=None)),
    Case("tells less than it has.wav", lying(16_000), Sound(0.5)),
    Case("1 Hz.wav", lambda path: wav(path, np.ones((100, 1), "<i2"), 1), "media_unreadable"),
    Case("0 Hz.wav", lambda path: wav(path, np.ones((100, 1), "<i2"), 0), "media_unreadable"),
    Case("4 GHz.wav", lambda path: wav(path, np.ones((100, 1), "<i2"), 0xFFFFFFFF), "media_unreadable"),
    Case("not a number.wav", floats(float("nan")), Sound()),
    Case("infinite.wav", floats(float("inf")), Sound()),
    Case("loud beyond measure.wav", floats(3e38), Sound()),
    Case("two thousand million frames.m4a", patched(M4A, b"stsz", 8, b"\x7f\xff\xff\xff"), "media_unreadable"),
    Case("wrong length.flac", patched(FLAC, b"fLaC", 18, b"\xff\xff\xff\xff"), Sound(4.0, damaged=None)),
    Case("a hundred and twenty tracks.mkv", many_tracks, Sound(0.1, within=0.01)),
    # Tags.
    Case("tag of 10 MB.mp3", tagged(id3(id3_frame(b"PRIV", b"x\0" + bytes(10_000_000)))), Sound()),
    Case("tag beyond the end.mp3", write(id3(b"TIT2", told=200_000_000)), "media_unreadable"),
    Case("packed tag.mp3", tagged(id3(id3_frame(b"TXXX", b"\x7f\xff\xff\xf0" + PACKED, 0x80))), Sound()),
    Case("giant cover.mp3", tagged(id3(id3_frame(b"APIC", b"\0image/png\0\3\0" + png(60_000, 60_000)))), Sound()),
    Case("latin tag.mp3", tagged(id3(id3_frame(b"TIT2", b"\0\xe9\xff\xfe" + b"<script>"))), Sound()),
    # Broken copies: what can be had is given.
    Case("broken off.mp4", cut(M4A, 0.5), "media_unreadable"),
    Case("broken off, index first.mp4", cut(faststart, 0.5), Sound(2.0, within=0.6, damaged=True)),
    Case("broken off, in fragments.mp4", cut(fragments, 0.5), Sound(2.0, within=0.8, damaged=None)),
    Case("broken off.mp3", cut(MP3, 0.5), Sound(2.0, within=0.2, damaged=None)),
    Case("broken off.wav", cut(pcm("<i2", 16_000, seconds=4.0), 0.5), Sound(2.0, damaged=None)),
    Case("broken off.ogg", cut(OGG, 0.5), Sound(2.0, within=1.5, damaged=None)),
    Case("broken off.flac", cut(FLAC, 0.5), Sound(2.0, within=0.8, damaged=None)),
    Case("hole.mp3", broken(MP3, 0.4, 0.6), Sound(4.0, within=1.2, damaged=None)),
    Case("hole.ogg", broken(OGG, 0.4, 0.6), Sound(4.0, within=2.0, damaged=None)),
    Case("hole.flac", broken(FLAC, 0.4, 0.6), Sound(4.0, within=1.2, damaged=None)),
    Case("hole.m4a", broken(M4A, 0.3, 0.5), Sound(4.0, within=0.5, damaged=True)),
    Case("rubbish after the end.wav", one_after_another(pcm("<i2", 16_000), write(noise(5000))), Sound()),
    Case("rubbish before.mp3", one_after_another(write(b"\0" * 3000), MP3), Sound(4.0, damaged=None)),
    Case(
        "two rates.mp3",
        one_after_another(sound("mp3", "libmp3lame", rate=44_100), sound("mp3", "libmp3lame", rate=16_000)),
        Sound(2.0, within=0.3, damaged=None),
    ),
    Case("two recordings.ogg", one_after_another(OGG, OGG), Sound(8.0, within=0.3)),
    Case(
        "first mono, then stereo.ogg",
        one_after_another(OGG, sound("ogg", "libopus", rate=48_000, layout="stereo")),
        Sound(4.0, damaged=True),
    ),
    # Lists that point elsewhere.
    Case("playlist.mp3", write(M3U8.format("/etc/hostname")), "media_playlist"),
    Case("playlist of an address.mp3", write(M3U8.format("http://127.0.0.1:9/x.ts")), "media_playlist"),
    Case("playlist of a neighbour.m3u8", write(M3U8.format("secret.wav")), "media_playlist"),
    Case("with mark.m3u8", write(b"\xef\xbb\xbf" + M3U8.format("secret.wav").encode()), "media_playlist"),
    Case("wide signs.m3u8", write(b"\xff\xfe" + M3U8.format("secret.wav").encode("utf-16-le")), "media_playlist"),
    Case("ffconcat.mp3", write("ffconcat version 1.0\nfile 'secret.wav'\n"), "media_playlist"),
    Case("concat.txt", write("# list\nfile 'secret.wav'\nfile '/etc/hostname'\n"), "media_playlist"),
    Case("winamp.pls", write("[playlist]\nFile1=secret.wav\nNumberOfEntries=1\n"), "media_playlist"),
    Case("windows.asx", write('<asx version="3.0"><entry><ref href="secret.wav"/></entry></asx>'), "media_playlist"),
    Case("dash.mpd", write(MPD), "media_playlist"),
    Case("list.xspf", write(XSPF), "media_playlist"),
    Case("call.sdp", write(SDP), "media_playlist"),
    Case("show.smil", write(SMIL), "media_playlist"),
    Case("quicktime text.mov", write("RTSPtext\nrtsp://127.0.0.1:9/x\n"), "media_playlist"),
    # Other things.
    Case("page.mp3", write(HTML), "media_document"),
    Case("drawing.svg", write('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), "media_document"),
    Case("subtitles.srt", write("1\n00:00:00,000 --> 00:00:01,000\nhello\n"), "media_document"),
    Case("notes.txt", write("just some words\n"), "media_text"),
    Case("data.json", write('{"a": 1}'), "media_text"),
    Case("archive.zip", write(zipped("a.mp3")), "media_document"),
    Case("letter.docx", write(zipped("word/document.xml")), "media_document"),
    Case("packed.mp3.gz", write(gzip.compress(b"x" * 5000, mtime=0)), "media_document"),
    Case("paper.pdf", write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "media_document"),
    Case("picture.png", write(png(8, 8)), "media_document"),
    Case("picture bomb.png", write(png(100_000, 100_000)), "media_document"),
    Case("picture.gif", write(b"GIF89a" + bytes(100)), "media_document"),
    Case("program.exe", write(b"MZ\x90\x00" + noise(4000)), "media_document"),
    Case("program", write(b"\x7fELF\x02\x01\x01" + noise(4000)), "media_document"),
)  # fmt: skip


TEN_HOURS = Case("ten hours of silence.opus", lambda path: long_silence(path, 10.0), Sound(36_000.0, within=1.0))
"""Some MB that become 1.15 GB; apart from the others because it takes a while."""
