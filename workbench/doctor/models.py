"""The models on disk: are they whole."""

from __future__ import annotations

from collections.abc import Callable

from engines.base import ModelSpec
from engines.errors import EngineError, WeightsMissing
from engines.store.store import Store
from workbench.doctor.finding import Finding

Tell = Callable[[str], None]


def models(
    store: Store, specs: tuple[ModelSpec, ...], thorough: bool, tell: Tell = lambda title: None
) -> list[Finding]:
    """Judges each model on disk; ``thorough`` reads every byte and compares it with the catalog's sha256, which takes
    some seconds a GB; ``tell`` is given each title before it is read.
    """
    found: list[Finding] = []
    n_good = 0
    for spec in specs:
        if not thorough and store.find(spec) is not None:
            n_good += 1
            continue
        whole, finding = _read(store, spec, tell)
        n_good += whole
        found += [finding] if finding else []
    if n_good:
        found.append(Finding("models", "models_good" if thorough else "models_there", values={"n": n_good}))
    return found or [Finding("models", "models_none", "note", press="fetch_model", target="base")]


def _read(store: Store, spec: ModelSpec, tell: Tell) -> tuple[bool, Finding | None]:
    """Returns whether the model is there and whole, and what is wrong with it; (False, None) where it is not there."""
    told: set[str] = set()

    def report(progress: object) -> None:
        if spec.title not in told:
            told.add(spec.title)
            tell(spec.title)

    try:
        store.verify(spec, report)
    except WeightsMissing:
        return False, None
    except EngineError:
        return False, Finding("models", "model_damaged", "bad", {"model": spec.title}, "fetch_model", spec.name)
    except OSError:
        return False, Finding("models", "model_unreadable", "bad", {"model": spec.title})
    return True, None
