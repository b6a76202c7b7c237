"""What tests look at while a workbench works."""

from __future__ import annotations

from typing import Any

WAIT_S = 30.0


def text_of(bench: Any, job_id: str) -> list[str]:
    return [line["text"] for line in bench.segments(job_id)["segments"]]


def settle(bench: Any, job_id: str, reached: Any) -> Any:
    """Waits until a view of the job satisfies ``reached``."""
    with bench.watch([job_id]) as changes:
        for _ in range(1000):
            view = bench.job(job_id)
            if reached(view):
                return view
            changes.wait(0.05)
    raise AssertionError(f"never came there: {view}")
