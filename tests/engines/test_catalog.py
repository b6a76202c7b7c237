"""The catalogue agrees with faster-whisper, and the choice of a model never promises what is not there."""

from __future__ import annotations

import ast
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines import catalog
from engines.base import HubSource, PackageSource
from engines.catalog_whisper import WHISPER
from engines.quality import cpu_rtf, fits


@dataclass(frozen=True)
class Gpu:
    total_mib: int


@dataclass(frozen=True)
class Computer:
    cpu_count: int = 4
    ram_mib: int = 16_000
    gpus: tuple[Gpu, ...] = ()


def everything(name: str) -> bool:
    return True


def nothing(name: str) -> bool:
    return False


def known_to_faster_whisper() -> dict[str, str]:
    package = importlib.util.find_spec("faster_whisper")
    assert package is not None and package.origin is not None
    tree = ast.parse((Path(package.origin).parent / "utils.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_MODELS":
            found = ast.literal_eval(node.value)
            assert isinstance(found, dict)
            return found
    raise AssertionError("faster-whisper no longer has a table of models")


def test_every_model_that_faster_whisper_knows_is_in_the_catalogue_with_its_repository() -> None:
    for name, repo in known_to_faster_whisper().items():
        sources = catalog.by_name(name).sources
        assert repo in [source.repo for source in sources if isinstance(source, HubSource)]


def test_names_are_unique_and_an_unknown_name_is_refused() -> None:
    names = [spec.name for spec in catalog.MODELS]
    assert len(set(names)) == len(names)
    with pytest.raises(KeyError):
        catalog.by_name("enormous")


@pytest.mark.parametrize("spec", WHISPER, ids=lambda spec: spec.name)
def test_a_model_states_its_files_checksums_memory_and_licence(spec) -> None:
    names = [file.name for file in spec.files]
    assert {"model.bin", "config.json", "tokenizer.json"} < set(names)
    assert "vocabulary.txt" in names or "vocabulary.json" in names
    assert all(file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256) for file in spec.files)
    assert spec.licence and spec.title and spec.download_bytes > 70_000_000
    assert {"int8", "float16", "float32"} <= set(spec.memory)
    assert spec.memory["int8"].resident_mib < spec.memory["float16"].resident_mib < spec.memory["float32"].resident_mib


@pytest.mark.parametrize("spec", WHISPER, ids=lambda spec: spec.name)
def test_what_others_copied_or_packed_is_taken_only_where_the_weights_are_pinned(spec) -> None:
    pinned = {file.name for file in spec.files if file.sha256}
    for source in spec.sources:
        if isinstance(source, PackageSource):
            assert {name for name, _ in source.files} == {file.name for file in spec.files} == pinned
        elif source.hub == "modelscope":
            assert "model.bin" in pinned
        else:
            assert re.fullmatch("[0-9a-f]{40}", source.revision)


def test_the_v3_family_has_its_own_description_of_features() -> None:
    for name in ("large-v3", "turbo", "distil-large-v3"):
        assert "preprocessor_config.json" in [file.name for file in catalog.by_name(name).files]


@pytest.mark.parametrize(
    ("computer", "fast", "balanced", "best"),
    [
        (Computer(cpu_count=2, ram_mib=24_000), "base", "small", "medium"),
        (Computer(cpu_count=4, ram_mib=16_000), "base", "small", "turbo"),
        (Computer(cpu_count=8, ram_mib=32_000), "base", "small", "large-v3"),
        (Computer(cpu_count=16, ram_mib=5_000), "base", "small", "turbo"),
        (Computer(cpu_count=1, ram_mib=4_000), "base", "small", "small"),
        (Computer(cpu_count=2, ram_mib=32_000, gpus=(Gpu(24_000),)), "base", "turbo", "large-v3"),
        (Computer(cpu_count=8, ram_mib=32_000, gpus=(Gpu(2_500),)), "base", "small", "small"),
    ],
)
def test_the_three_qualities_follow_the_machine(computer, fast, balanced, best) -> None:
    chosen = [catalog.for_quality(quality, computer, everything).name for quality in catalog.QUALITIES]
    assert chosen == [fast, balanced, best]


def test_best_is_never_an_english_only_model() -> None:
    def only_english(name: str) -> bool:
        return name.endswith(".en") or name.startswith("distil-")

    assert not catalog.for_quality("best", Computer(), only_english).english_only


def test_with_nothing_in_reach_every_quality_is_base() -> None:
    assert {catalog.for_quality(quality, Computer(), nothing).name for quality in catalog.QUALITIES} == {"base"}


def test_with_only_base_in_reach_every_quality_is_base() -> None:
    def only_base(name: str) -> bool:
        return name == "base"

    assert {catalog.for_quality(quality, Computer(), only_base).name for quality in catalog.QUALITIES} == {"base"}


def test_fast_takes_a_larger_model_when_no_smaller_one_is_there() -> None:
    assert catalog.for_quality("fast", Computer(), lambda name: name == "small").name == "small"


def test_a_model_can_be_named_instead_of_a_quality_even_when_it_does_not_fit() -> None:
    small = Computer(cpu_count=1, ram_mib=2_000)
    assert catalog.for_quality("model:large-v3", small, nothing).name == "large-v3"
    assert catalog.for_quality("model:large-v3-turbo", small, nothing).name == "turbo"
    with pytest.raises(KeyError):
        catalog.for_quality("splendid", small, everything)


@given(
    st.sampled_from(catalog.QUALITIES),
    st.builds(
        Computer,
        st.integers(1, 64),
        st.integers(1_000, 256_000),
        st.lists(st.builds(Gpu, st.integers(1_000, 96_000)), max_size=2).map(tuple),
    ),
    st.sets(st.sampled_from([spec.name for spec in WHISPER if not spec.english_only]), min_size=1),
)
def test_what_is_neither_on_disk_nor_in_reach_is_never_chosen(quality, computer, there) -> None:
    chosen = catalog.for_quality(quality, computer, there.__contains__)
    assert chosen.name in there
    if any(fits(catalog.by_name(name), computer) for name in there):
        assert fits(chosen, computer)


@given(st.integers(1, 32), st.integers(2_500, 64_000))
def test_a_larger_machine_never_gets_a_lesser_best(cores, ram) -> None:
    here = catalog.for_quality("best", Computer(cores, ram), everything)
    larger = catalog.for_quality("best", Computer(cores + 1, ram + 1_000), everything)
    assert larger.rank >= here.rank


def test_more_cores_are_estimated_faster_and_larger_models_slower() -> None:
    assert cpu_rtf("small", 8) < cpu_rtf("small", 2) < cpu_rtf("large-v3", 2)
