"""What reading one recording may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Limits for one recording.

    ``max_duration_s`` counts decoded sound, because a header may lie. ``max_streams`` is for the container,
    ``memory_mib`` for the decoder's address space. ``stall_s`` is the longest time without new sound. The processor
    time is ``cpu_s`` and a tenth of ``max_duration_s``. Pictures are never decoded, so they need no limit.
    """

    max_duration_s: float = 36 * 3600.0
    max_streams: int = 100
    memory_mib: int = 3072
    stall_s: float = 120.0
    cpu_s: float = 60.0
