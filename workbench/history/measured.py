"""What was chosen, measured and learned of models, in the database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from engines.base import Memory
from engines.places import Choice
from workbench.history.database import Database


@dataclass(frozen=True, slots=True)
class Subject:
    """What a measurement is of: another revision, library, hardware or precision is another subject."""

    model: str
    revision: str
    library: str
    hardware: str
    precision: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a model needs and does; ``speeds`` are seconds of sound a second by the size of the batch.

    ``sound`` is ``recording`` (the office's own) or ``made``; ``n_runs`` counts the batches of real work since.
    """

    load_s: float
    memory: Memory
    speeds: dict[int, float] = field(hash=False)
    sound: str = "made"
    n_runs: int = 0
    measured_at: float = 0.0


class MeasuredRows(Database):
    """Choices, measurements and limits."""

    def choices(self) -> dict[str, Choice]:
        """Returns what was chosen, by the models' names."""
        with self.reading() as db:
            rows = db.execute("SELECT * FROM model_choices").fetchall()
        return {
            row["model"]: Choice(row["device"], row["precision"], row["keep_alive_s"], bool(row["pinned"]))
            for row in rows
        }

    def set_choice(self, model: str, choice: Choice) -> None:
        """Keeps a choice."""
        values = (model, choice.device, choice.precision, choice.keep_alive_s, int(choice.pinned))
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO model_choices VALUES (?, ?, ?, ?, ?)", values)

    def measurements(self) -> dict[Subject, Measurement]:
        """Returns everything that was ever measured."""
        with self.reading() as db:
            rows = db.execute("SELECT * FROM measurements").fetchall()
        return {
            Subject(row["model"], row["revision"], row["library"], row["hardware"], row["precision"]): Measurement(
                row["load_s"],
                Memory(row["resident_mib"], row["working_base_mib"], row["working_item_mib"]),
                {int(batch): speed for batch, speed in json.loads(row["speeds"]).items()},
                row["sound"],
                row["n_runs"],
                row["measured_at"],
            )
            for row in rows
        }

    def set_measurement(self, subject: Subject, found: Measurement) -> None:
        """Keeps a measurement in place of the one before."""
        about = (subject.model, subject.revision, subject.library, subject.hardware, subject.precision)
        memory = (found.memory.resident_mib, found.memory.working_base_mib, found.memory.working_item_mib)
        speeds = json.dumps(found.speeds)
        values = (*about, found.load_s, *memory, speeds, found.sound, found.n_runs, found.measured_at, self.clock())
        with self.transaction(durable=False) as db:
            db.execute("INSERT OR REPLACE INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def batch_limits(self) -> dict[tuple[str, str, str], tuple[int, float]]:
        """Returns the batch and the time it was learned, by model, hardware and precision."""
        with self.reading() as db:
            rows = db.execute("SELECT * FROM batch_limits").fetchall()
        return {(r["model"], r["hardware"], r["precision"]): (r["batch"], r["learned_at"]) for r in rows}

    def set_batch_limit(self, model: str, hardware: str, precision: str, batch: int) -> None:
        """Keeps the largest batch that fits."""
        with self.transaction(durable=False) as db:
            values = (model, hardware, precision, batch, self.clock())
            db.execute("INSERT OR REPLACE INTO batch_limits VALUES (?, ?, ?, ?, ?)", values)

    def forget_batch_limits(self, model: str) -> None:
        """Lets a model try larger batches again."""
        with self.transaction(durable=False) as db:
            db.execute("DELETE FROM batch_limits WHERE model = ?", (model,))
