"""The model follows the machine, and what is too large is refused with numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from engines.base import HubSource, ModelSpec, PackageSource
from engines.catalog_writing import ANOTHER_SERVER, WRITING
from engines.places import places
from engines.writing.choosing import choose, fits, too_large

BY_NAME = {spec.name: spec for spec in WRITING}


@dataclass(frozen=True)
class Gpu:
    total_mib: int
    index: int = 0
    capability: float = 8.6

    @property
    def free_mib(self) -> int:
        return self.total_mib


@dataclass(frozen=True)
class Computer:
    cpu_count: int = 4
    ram_mib: int = 16_000
    gpus: tuple[Gpu, ...] = ()


def everything(spec: ModelSpec) -> bool:
    return spec.name != ANOTHER_SERVER


def without_torch(spec: ModelSpec) -> bool:
    return spec.pack == "writing"


def from_the_package_index(spec: ModelSpec) -> bool:
    return any(isinstance(source, PackageSource) for source in spec.sources)


@pytest.mark.parametrize(
    ("computer", "quick", "careful"),
    [
        (Computer(2, 8_000), "qwen3-0.6b-gguf", "qwen3-1.7b-gguf"),
        (Computer(4, 16_000), "qwen3-1.7b-gguf", "qwen3-4b-gguf"),
        (Computer(1, 3_400), "qwen2.5-coder-0.5b-gguf", "qwen2.5-coder-0.5b-gguf"),
        (Computer(8, 32_000, (Gpu(12_288),)), "qwen3-4b", "qwen3-14b"),
        (Computer(8, 32_000, (Gpu(24_576),)), "qwen3-4b", "qwen3-14b"),
        (Computer(8, 32_000, (Gpu(6_144),)), "qwen3-4b", "qwen3-4b"),
    ],
)
def test_quick_and_careful_follow_the_machine(computer: Computer, quick: str, careful: str) -> None:
    found = [choose(WRITING, quality, computer, everything) for quality in ("quick", "careful")]
    assert [spec.name if spec else None for spec in found] == [quick, careful]


def test_without_torch_a_machine_with_a_gpu_writes_on_its_processor() -> None:
    found = choose(WRITING, "quick", Computer(gpus=(Gpu(12_288),)), without_torch)
    assert found is not None and found.name == "qwen3-1.7b-gguf"


def test_with_a_package_index_alone_a_small_model_writes() -> None:
    found = [choose(WRITING, one, Computer(2), from_the_package_index) for one in ("quick", "careful")]
    assert [spec.name for spec in found if spec] == ["qwen2.5-coder-0.5b-gguf", "qwen2.5-coder-1.5b-gguf"]


def test_another_server_writes_what_needs_care_and_everything_where_nothing_else_does() -> None:
    gpu = Computer(gpus=(Gpu(12_288),))
    found = [choose(WRITING, quality, gpu, lambda spec: True) for quality in ("quick", "careful")]
    assert [spec.name if spec else None for spec in found] == ["qwen3-4b", ANOTHER_SERVER]
    alone = choose(WRITING, "quick", Computer(), lambda spec: spec.name == ANOTHER_SERVER)
    assert alone is not None and alone.name == ANOTHER_SERVER


def test_where_nothing_can_be_had_nothing_is_chosen() -> None:
    assert choose(WRITING, "quick", Computer(), lambda spec: False) is None


def test_14b_fits_a_card_of_12_gb_in_4_bits_and_is_not_offered_more_there() -> None:
    spec, computer = BY_NAME["qwen3-14b"], Computer(gpus=(Gpu(12_288),))
    assert fits(spec, computer)
    room = 12_288 * 0.92
    assert [p for p, m in spec.memory.items() if m.resident_mib + m.working_mib(1) <= room] == ["int4"]


def test_28_gb_is_what_14b_takes_in_16_bits() -> None:
    assert 27_500 < BY_NAME["qwen3-14b"].memory["float16"].resident_mib < 29_500


def test_what_is_too_large_is_refused_with_numbers_and_the_nearest_that_fits() -> None:
    refused = too_large(BY_NAME["qwen3-14b-gguf"], WRITING, Computer(ram_mib=10_000))
    assert refused is not None and refused.nearest == "qwen3-8b-gguf"
    assert refused.needs_mib > refused.room_mib == 10_000 - 2048
    assert too_large(BY_NAME["qwen3-4b-gguf"], WRITING, Computer()) is None


@pytest.mark.parametrize("spec", WRITING[:-1], ids=lambda spec: spec.name)
def test_a_model_states_its_files_checksums_memory_and_licence(spec: ModelSpec) -> None:
    assert spec.licence and spec.title and spec.download_bytes > 400_000_000
    assert all(file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256) for file in spec.files)
    for source in spec.sources:
        if isinstance(source, PackageSource):
            assert {name for name, _ in source.files} == {file.name for file in spec.files if file.sha256}
        else:
            assert isinstance(source, HubSource) and source.repo.startswith("Qwen/")


@pytest.mark.parametrize("spec", WRITING[:-1], ids=lambda spec: spec.name)
def test_each_place_that_is_offered_has_its_own_numbers(spec: ModelSpec) -> None:
    offered = places(spec, Computer(gpus=(Gpu(24_576),)))
    assert all(place.precision in spec.memory for place in offered)
    assert (offered[0].device == "cuda:0") == spec.gpu
