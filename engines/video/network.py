"""The network of BasicVSR from the package basicsr, without what the package would import besides."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from engines.errors import EngineError

N_FEATURES, N_BLOCKS = 64, 30
_FOLDERS = {"basicsr": "", "basicsr.utils": "utils", "basicsr.archs": "archs", "basicsr.ops": "ops"}


def read_network(path: Path, title: str) -> Any:
    """Returns the network with the weights of a checkpoint, ready for inference on the CPU in float32.

    Raises EngineError ``weights_damaged`` where the file does not hold each of its weights, and nothing else.
    """
    import torch

    network = _network_class()(num_feat=N_FEATURES, num_block=N_BLOCKS)
    try:
        told = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(told["params"], strict=True)
    except Exception as error:
        raise EngineError("weights_damaged", status=500, model=title, folder=str(path.parent)) from error
    return network.eval()


def _network_class() -> Any:
    with _skeleton(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from basicsr.archs.basicvsr_arch import BasicVSR

        return BasicVSR


@contextmanager
def _skeleton() -> Iterator[None]:
    """Stands empty packages in for those whose import loads everything there is: torchvision, OpenCV, databases.

    What the network is made of lies in three files below them, which are imported as they are.
    """
    spec = find_spec("basicsr")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError("engine_failed", reason="basicsr is not installed")
    root = Path(next(iter(spec.submodule_search_locations)))
    stubs = {name: _package(name, root / folder) for name, folder in _FOLDERS.items()}
    stubs["basicsr.utils"].get_root_logger = lambda: None  # type: ignore[attr-defined]
    stubs["basicsr.ops.dcn"] = _module("basicsr.ops.dcn")
    stubs["basicsr.ops.dcn"].ModulatedDeformConvPack = object  # type: ignore[attr-defined]
    stubs["basicsr.ops.dcn"].modulated_deform_conv = None  # type: ignore[attr-defined]
    if "torchvision" not in sys.modules:
        # Looked at for its version only. The real one fails beside a torch without CUDA.
        stubs["torchvision"] = _module("torchvision")
        stubs["torchvision"].__version__ = "0"  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in stubs}
    sys.modules.update(stubs)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _module(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    return module


def _package(name: str, folder: Path) -> ModuleType:
    module = _module(name)
    module.__path__ = [str(folder)]
    module.__spec__ = ModuleSpec(name, None, is_package=True)
    return module
