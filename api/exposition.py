"""The figures in the text format that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from workbench.machine.metrics import Counters

_MIB = 2**20
_Values = dict[tuple[str, ...], float]


def exposition(live: Mapping[str, Any], counters: Counters) -> bytes:
    """Returns one page: what ``Metrics.look`` saw just now, and what was counted since the start."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families([*_gauges(live), *_counts(counters)]))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return bytes(generate_latest(registry))


class _Families(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _gauge(name: str, told: str, values: _Values, labels: tuple[str, ...] = ()) -> Metric:
    family = GaugeMetricFamily(f"roomtone_{name}", told, labels=labels)
    for names, value in values.items():
        family.add_metric(names, value)
    return family


def _counter(name: str, told: str, values: Mapping[str, float], label: str | None = None) -> Metric:
    family = CounterMetricFamily(f"roomtone_{name}", told, labels=[label] if label else [])
    for labelled, value in values.items():
        family.add_metric([labelled] if label else [], value)
    return family


def _gauges(live: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("cpu_usage_ratio", "Share of all processors in use.", {(): live["cpu"]})
    yield _gauge("memory_used_bytes", "Main memory in use by all programs.", {(): live["ram_used_mib"] * _MIB})
    yield _gauge("memory_total_bytes", "Main memory of the machine.", {(): live["ram_mib"] * _MIB})
    cards = {(str(gpu["index"]), gpu["name"]): gpu for gpu in live["gpus"]}
    named = ("gpu", "name")
    used: _Values = {names: gpu["used_mib"] * _MIB for names, gpu in cards.items()}
    total: _Values = {names: gpu["total_mib"] * _MIB for names, gpu in cards.items()}
    use: _Values = {names: gpu["use"] for names, gpu in cards.items() if gpu["use"] is not None}
    yield _gauge("gpu_usage_ratio", "Share of time in which the GPU computed.", use, named)
    yield _gauge("gpu_memory_used_bytes", "Memory of the GPU in use by all programs.", used, named)
    yield _gauge("gpu_memory_total_bytes", "Memory of the GPU.", total, named)
    models: _Values = {(name,): held * _MIB for name, held in live["models"].items()}
    yield _gauge("model_memory_bytes", "Memory that a loaded model holds where it computes.", models, ("model",))
    queue: _Values = {(lane,): n for lane, n in live["queue"].items()}
    yield _gauge("queue_jobs", "Unfinished jobs.", queue, ("lane",))


def _counts(counters: Counters) -> Iterator[Metric]:
    yield _counter("jobs", "Jobs that ended.", counters.jobs, "status")
    yield _counter("job_errors", "Jobs that failed, by the code of their error.", counters.errors, "code")
    yield _counter("audio_seconds", "Seconds of recordings that were finished.", {"": counters.audio_s})
    yield _counter("sound_seconds", "Seconds of sound that a model has heard.", counters.sound_s, "model")
    yield _counter("compute_seconds", "Seconds that a model has worked.", counters.compute_s, "model")
    waits = HistogramMetricFamily("roomtone_job_wait_seconds", "Time from asking for a job to its beginning.")
    buckets = [(str(bound), n) for bound, n in sorted(counters.waits.items())]
    waits.add_metric([], [*buckets, ("+Inf", counters.wait_n)], counters.wait_s)
    yield waits
