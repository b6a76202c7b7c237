"""BasicVSR run by run: features go backward through a run and forward through the whole scene.

The package's own ``forward`` takes a whole clip at once. This gives the same frames from pieces: the forward features
are handed from run to run, the backward ones begin some frames behind the run. (BasicVSR: Chan et al., CVPR 2021,
section 3.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

STRIP = 6_000
GPU_STRIP = 100_000
"""Pixels that are enlarged at a time: a whole frame at once takes sixteen times its features, and leaves the cache of
a processor. A GPU wants more at a time."""
HALO = 3
"""Rows around a strip on which its result depends: two, and one for the interpolation."""
FLOWS_WORK, ENLARGED_WORK = 0.35, 0.9
"""What finding the motion of a pair, and enlarging a frame, take beside a trunk of the network (measured)."""
_LARGE = 640 * 480
_SMALL = 32
"""Frames with a side of at most so many pixels vanish on the way down through the network that finds motion."""


@dataclass(frozen=True, slots=True)
class Flows:
    """The motion between a frame and the next, float32 ``(1, 2, height, width)`` in pixels: ``ahead`` leads from the
    frame to the next one, ``back`` from the next one to the frame."""

    ahead: Any
    back: Any


class Propagation:
    """Drives the parts of a loaded network on one device; tensors are ``(1, channels, height, width)``.

    ``dtype`` is what features are held and multiplied in. Motion is always found in float32: a wrong vector moves
    detail to a wrong place, and it is an eighth of the work. ``on_step`` is called before each pass through a network,
    with what it takes beside one through a trunk.
    """

    def __init__(self, network: Any, device: str, dtype: Any) -> None:
        import torch

        self._torch = torch
        self._layout = torch.channels_last
        self.dtype = dtype
        self.device = device
        self.on_step: Callable[[float], None] = lambda work: None
        self._net = network.to(device=device, memory_format=self._layout)
        for part in ("backward_trunk", "forward_trunk", "fusion", "upconv1", "upconv2", "conv_hr", "conv_last"):
            getattr(self._net, part).to(dtype=dtype)
        self._strip = STRIP if device == "cpu" else GPU_STRIP
        self._grids: dict[tuple[int, int], Any] = {}

    def frame(self, rgb: Any) -> Any:
        """Returns an RGB picture ``(height, width, 3)`` uint8 as the network takes it: float32, 0 to 1."""
        picture = self._torch.from_numpy(rgb).to(self.device).permute(2, 0, 1)[None]
        return (picture.float() / 255).contiguous(memory_format=self._layout)

    def flows(self, first: Any, second: Any) -> Flows:
        """Returns the motion between two frames, both ways, small ones in one pass."""
        self.on_step(FLOWS_WORK)
        net, torch = self._net, self._torch
        height, width = first.shape[2:]
        if min(height, width) <= _SMALL:
            grown = [self._grown(frame) for frame in (first, second)]
            found = self.flows(*grown)
            return Flows(found.ahead[:, :, :height, :width], found.back[:, :, :height, :width])
        if height * width > _LARGE:
            return Flows(net.spynet(first, second), net.spynet(second, first))
        found = net.spynet(torch.cat([first, second]), torch.cat([second, first]))
        return Flows(found[:1].contiguous(), found[1:].contiguous())

    def backward(self, frames: Sequence[Any], flows: Sequence[Flows], keep: int) -> list[Any]:
        """Returns the backward features of the first ``keep`` frames; ``flows`` lie between the frames."""
        kept: list[Any] = [None] * keep
        features = None
        for at in range(len(frames) - 1, -1, -1):
            moved = self._moved(features, flows[at].ahead) if features is not None else None
            features = self._trunk(self._net.backward_trunk, frames[at], moved)
            if at < keep:
                kept[at] = features
        return kept

    def forward(self, before: Any, frame: Any, flow: Flows | None) -> Any:
        """Returns the forward features of a frame, from those of the frame before and the motion between both."""
        moved = self._moved(before, flow.back) if before is not None and flow is not None else None
        return self._trunk(self._net.forward_trunk, frame, moved)

    def enlarged(self, frame: Any, backward: Any, forward: Any) -> Any:
        """Returns the picture four times as large, uint8 ``(height, width, 3)`` on the CPU as a numpy array."""
        self.on_step(ENLARGED_WORK)
        torch = self._torch
        height, width = frame.shape[2:]
        made = torch.empty((4 * height, 4 * width, 3), dtype=torch.uint8, device=self.device)
        for first, last, low, high in _strips(height, self._strip // width):
            part = self._detail(backward[:, :, low:high], forward[:, :, low:high]).float()
            part += torch.nn.functional.interpolate(
                frame[:, :, low:high], scale_factor=4, mode="bilinear", align_corners=False
            )
            part = part[0, :, 4 * (first - low) : 4 * (last - low)].permute(1, 2, 0)
            made[4 * first : 4 * last] = part.mul_(255).round_().clamp_(0, 255).to(torch.uint8)
        return made.cpu().numpy()

    def _grown(self, frame: Any) -> Any:
        """Returns a frame whose sides are repeated at the right and below until they are long enough."""
        height, width = frame.shape[2:]
        more = max(0, 2 * _SMALL - width), max(0, 2 * _SMALL - height)
        return self._torch.nn.functional.pad(frame, (0, more[0], 0, more[1]), mode="replicate")

    def _detail(self, backward: Any, forward: Any) -> Any:
        net = self._net
        made = net.fusion(self._torch.cat([backward, forward], dim=1))
        made = self._leaky(made)
        made = self._leaky(net.pixel_shuffle(net.upconv1(made)))
        made = self._leaky(net.pixel_shuffle(net.upconv2(made)))
        return net.conv_last(self._leaky(net.conv_hr(made)))

    def _leaky(self, values: Any) -> Any:
        return self._torch.nn.functional.leaky_relu_(values, 0.1)

    def _trunk(self, trunk: Any, frame: Any, moved: Any) -> Any:
        """Runs one trunk; the additions are made in place, which the package's own blocks do not."""
        self.on_step(1.0)
        torch = self._torch
        if moved is None:
            moved = torch.zeros((1, self._net.num_feat, *frame.shape[2:]), device=self.device, dtype=self.dtype)
        joined = torch.cat([frame.to(self.dtype), moved], dim=1).contiguous(memory_format=self._layout)
        features = self._leaky(trunk.main[0](joined))
        for block in trunk.main[2]:
            change = block.conv2(block.conv1(features).relu_())
            features = change.add_(features)
        return features

    def _moved(self, features: Any, flow: Any) -> Any:
        """Returns features moved along a motion; what comes from outside the frame is zero."""
        torch = self._torch
        height, width = flow.shape[2:]
        at = self._grid(height, width) + flow.permute(0, 2, 3, 1)
        scale = torch.tensor([2.0 / max(width - 1, 1), 2.0 / max(height - 1, 1)], device=self.device)
        found = torch.nn.functional.grid_sample(
            features.float(), at * scale - 1.0, mode="bilinear", padding_mode="zeros", align_corners=True
        )
        return found.to(self.dtype)

    def _grid(self, height: int, width: int) -> Any:
        torch = self._torch
        if (height, width) not in self._grids:
            rows, columns = torch.meshgrid(
                torch.arange(height, device=self.device), torch.arange(width, device=self.device), indexing="ij"
            )
            self._grids = {(height, width): torch.stack((columns, rows), dim=2).float()[None]}
        return self._grids[height, width]


def _strips(height: int, n_rows: int) -> Iterator[tuple[int, int, int, int]]:
    """Yields ``(first, last, low, high)`` rows: those to be made, and those that are needed for them."""
    n_rows = max(4, n_rows)
    for first in range(0, height, n_rows):
        last = min(height, first + n_rows)
        yield first, last, max(0, first - HALO), min(height, last + HALO)
