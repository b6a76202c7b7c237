"""Times search and paging over a million lines in ten thousand transcripts; prints a table of milliseconds.

    python bench/search_million.py [--lines 1000000] [--jobs 10000] [--rounds 60] [--keep FOLDER]

The database is made up in a temporary folder (about two minutes and 1 GB); with --keep it stays and is used again.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workbench.history.history import History, HistoryFilter  # noqa: E402
from workbench.search import index_text  # noqa: E402

TASK = "automatic-speech-recognition"
COMMON = (
    "the be to of and a in that have I it for not on with he as you do at this but his by from they we say her she or "
    "an will my one all would there their what so up out if about who get which go me when make can like time no just "
    "him know take people into year your good some could them see other than then now look only come its over think "
    "also back after use two how our work first well way even new want because any these give day most us"
)
HAN = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然"
    "家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把"
    "机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果"
    "加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔"
    "更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展"
    "马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共"
    "确传师观清今切院让识候带导争运"
)
YEAR_S = 365 * 86_400
NOW = 1_790_000_000.0


def main() -> None:
    """Makes the database where needed, runs every kind of query, and prints the table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as temporary:
        folder = Path(options.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "million.db"
        fresh = not path.exists()
        history = History(path, ROOT / "history.db-schema")
        try:
            if fresh:
                _fill(history, options.lines, options.jobs)
            print(f"{options.lines:,} lines, {options.jobs:,} jobs, {path.stat().st_size / 2**20:,.0f} MiB")
            _table(history, options.rounds)
        finally:
            history.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--keep", metavar="FOLDER")
    return parser.parse_args()


def _fill(history: History, n_lines: int, n_jobs: int) -> None:
    rng = random.Random(7)
    english, chinese = _english(rng), _chinese(rng)
    per_job = n_lines // n_jobs
    began = time.perf_counter()
    for job in range(n_jobs):
        first = job * per_job + 1
        lines = [next(chinese if job % 3 == 0 else english) for _ in range(per_job)]
        if job % 997 == 0:
            lines[per_job // 2] = "A zugzwang is a move nobody wants to make."
        # One transaction a job, as in life: the index then has the shape that it has after years of use.
        with history.transaction(durable=False) as db:
            _insert_job(db, job, n_jobs, first, per_job)
            _insert_lines(db, job, first, lines)
    print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _insert_job(db: sqlite3.Connection, job: int, n_jobs: int, first: int, per_job: int) -> None:
    created_at = NOW - YEAR_S + YEAR_S * job / n_jobs
    title = f"Recording {job} of the {'board' if job % 50 == 0 else 'team'}.mp3"
    db.execute(
        "INSERT INTO jobs (id, task, title, lane, status, request, model, fingerprint, created_at, cut_done,"
        " first_segment, last_segment, duration_s, n_failed)"
        " VALUES (?, ?, ?, 'batch', 'succeeded', '{}', 'base', ?, ?, 1, ?, ?, 400, 0)",
        (f"job{job}", TASK, title, f"print{job}", created_at, first, first + per_job - 1),
    )
    db.execute("INSERT INTO jobs_search (rowid, tokens) VALUES (last_insert_rowid(), ?)", (index_text(title),))
    tags = [tag for tag, every in (("half", 2), ("few", 500), ("one", 5000)) if job % every == 1]
    tags += ["old"] if job < 20 else []
    for tag in tags:
        db.execute("INSERT INTO job_tags SELECT id, ?, created_at, seq FROM jobs WHERE id = ?", (tag, f"job{job}"))


def _insert_lines(db: sqlite3.Connection, job: int, first: int, lines: list[str]) -> None:
    db.executemany(
        'INSERT INTO segments (id, job_id, number, start, "end", text) VALUES (?, ?, ?, ?, ?, ?)',
        ((first + n, f"job{job}", n, n * 4.0, n * 4.0 + 4, text) for n, text in enumerate(lines)),
    )
    db.executemany(
        "INSERT INTO segments_search (rowid, tokens) VALUES (?, ?)",
        ((first + n, index_text(text)) for n, text in enumerate(lines)),
    )


def _english(rng: random.Random) -> Iterator[str]:
    made = ["".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(3, 9))) for _ in range(30_000)]
    words = [*COMMON.split(), *made]
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    while True:
        yield " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(6, 18))).capitalize() + "."


def _chinese(rng: random.Random) -> Iterator[str]:
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(HAN))))
    while True:
        line = "".join(rng.choices(HAN, cum_weights=weights, k=rng.randint(10, 28)))
        yield f"{line[:8]}，{line[8:]}。"


def _table(history: History, rounds: int) -> None:
    far = HistoryFilter(since=NOW - YEAR_S, until=NOW - YEAR_S + 5 * 86_400)
    month = HistoryFilter(since=NOW - 200 * 86_400, until=NOW - 170 * 86_400)
    print(f"{'':46}{'p50 ms':>8}{'p95 ms':>8}{'first ms':>10}  found")
    for name, text, narrowed in (
        ("rare word", "zugzwang ", None),
        ("commonest word", "the ", None),
        ("commonest word, being typed", "the", None),
        ("five letters, being typed", "there", None),
        ("one letter, being typed", "t", None),
        ("two common words", "the of ", None),
        ("phrase of common words", '"of the"', None),
        ("two Chinese characters", "我们", None),
        ("four Chinese characters", "在人有我", None),
        ("one Chinese sign", "的", None),
        ("one rare Chinese sign", HAN[-1], None),
        ("commonest word, five days a year ago", "the ", far),
        ("being typed, five days a year ago", "there", far),
        ("two Chinese characters, five days a year ago", "我们", far),
        ("one Chinese sign, a month in the past", "的", month),
        ("commonest word, tag of 20 old jobs", "the ", HistoryFilter(tag="old")),
        ("commonest word, tag of 20 scattered jobs", "the ", HistoryFilter(tag="few")),
        ("commonest word, tag of half the jobs", "the ", HistoryFilter(tag="half")),
        ("rare word, tag of half the jobs", "zugzwang ", HistoryFilter(tag="half")),
        ("commonest word, a status nobody has", "the ", HistoryFilter(status="failed")),
        ("commonest word, a task that all have", "the ", HistoryFilter(task=TASK)),
        ("nothing found", "xyzzyxyzzy ", None),
    ):
        wanted = narrowed or HistoryFilter()
        _row(name, rounds, lambda text=text, wanted=wanted: history.search(text, wanted))  # type: ignore[misc]
    key = _walk(lambda before: history.search("the ", None, before), 1000)
    _row("commonest word, page 1000", rounds, lambda key=key: history.search("the ", None, key))  # type: ignore[misc]
    for name, wanted in (
        ("history", HistoryFilter()),
        ("history of a tag", HistoryFilter(tag="half")),
        ("history of a title word", HistoryFilter(query="board")),
        ("history of a title word that all have", HistoryFilter(query="mp3")),
    ):
        _row(f"{name}, page 1", rounds, lambda wanted=wanted: history.page(wanted, None, 10))  # type: ignore[misc]
        key = _walk(lambda before, wanted=wanted: history.page(wanted, before, 10), 1000)  # type: ignore[misc]
        last = f"{name}, page 1000 or last"
        _row(last, rounds, lambda wanted=wanted, key=key: history.page(wanted, key, 10))  # type: ignore[misc]


def _walk(page: Callable[[str | None], tuple[list[object], str | None]], n_pages: int) -> str | None:
    key = None
    for _ in range(n_pages - 1):
        _, following = page(key)
        if following is None:
            break
        key = following
    return key


def _row(name: str, rounds: int, ask: Callable[[], tuple[list[object], str | None]]) -> None:
    times, found = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        rows, _ = ask()
        times.append((time.perf_counter() - began) * 1000)
        found = len(rows)
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(f"{name:46}{statistics.median(ordered):8.1f}{p95:8.1f}{times[0]:10.1f}  {found}", flush=True)


if __name__ == "__main__":
    main()
