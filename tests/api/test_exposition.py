"""The figures for other programs, read by Prometheus's own parser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from api.exposition import exposition
from workbench.machine.metrics import WAIT_BOUNDS_S, Counters

LIVE: dict[str, Any] = {
    "cpu": 0.25, "ram_used_mib": 2048, "ram_mib": 8192, "queue": {"live": 0, "interactive": 2, "batch": 5},
    "gpus": [{"index": 0, "name": 'Card "A"\n', "use": None, "used_mib": 1024, "total_mib": 8192}],
    "models": {"base": 300},
}  # fmt: skip
COUNTERS = Counters(
    {"succeeded": 3, "failed": 1}, {"out_of_memory": 1}, 120.0, {"base": 90.0}, {"base": 9.0},
    dict.fromkeys(WAIT_BOUNDS_S, 2), 3, 40.0,
)  # fmt: skip


def read(page: bytes) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in text_string_to_metric_families(page.decode()):
        assert family.documentation and family.type != "unknown", family.name
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def test_every_figure_has_a_standard_name_a_unit_and_a_type() -> None:
    found = {(name, *sorted(labels.items())): value for name, labels, value in read(exposition(LIVE, COUNTERS))}
    assert found[("roomtone_memory_used_bytes",)] == 2**31
    assert found[("roomtone_cpu_usage_ratio",)] == 0.25
    assert found["roomtone_gpu_memory_used_bytes", ("gpu", "0"), ("name", 'Card "A"\n')] == 2**30
    assert found["roomtone_model_memory_bytes", ("model", "base")] == 300 * 2**20
    assert found["roomtone_queue_jobs", ("lane", "batch")] == 5
    assert found["roomtone_jobs_total", ("status", "succeeded")] == 3
    assert found["roomtone_job_errors_total", ("code", "out_of_memory")] == 1
    assert found["roomtone_compute_seconds_total", ("model", "base")] == 9
    assert found["roomtone_job_wait_seconds_bucket", ("le", "+Inf")] == 3
    assert found[("roomtone_job_wait_seconds_sum",)] == 40
    assert found[("process_resident_memory_bytes",)] > 0


def test_a_figure_that_the_driver_does_not_tell_is_left_out() -> None:
    assert "roomtone_gpu_usage_ratio" not in {name for name, _, _ in read(exposition(LIVE, COUNTERS))}
