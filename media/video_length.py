"""How long a video is that does not say so: what browsers and cut-off recorders write."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

_MOST_ERRORS = 20
_TELL_EVERY = 2000


def length_of(container: Any, stream: Any, first: int, tell: Callable[[], None]) -> tuple[Fraction, int]:
    """Returns the seconds from the picture shown at ``first`` to the end of the last one, and how many packets of
    pictures there were, by reading all that are left and decoding none.

    ``container`` is at its end afterwards; ``tell`` is called now and then.
    """
    import av

    end = first
    step = max(1, round(1 / (stream.average_rate or 25) / stream.time_base))
    packets, n_errors, n_packets = container.demux(stream), 0, 0
    while n_errors < _MOST_ERRORS:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except av.FFmpegError:
            n_errors += 1
            packets = container.demux(stream)
            continue
        if packet.pts is None:
            continue
        n_packets += 1
        if n_packets % _TELL_EVERY == 0:
            tell()
        end = max(end, packet.pts + (packet.duration or step))
    return (end - first) * Fraction(stream.time_base), n_packets
