"""Makes of a session's sound a recording like any other, so that its job ends like that of a file."""

from __future__ import annotations

import logging
from pathlib import Path

from media.errors import WorkbenchError
from workbench.history import live as history_live
from workbench.live.room import LiveRoom
from workbench.live.sound import LiveSound, remove, to_recording
from workbench.running.board import ActiveJob

log = logging.getLogger(__name__)


def store(room: LiveRoom, job_id: str, sound: LiveSound, title: str) -> str | None:
    """Makes a recording of the sound and gives it to the job; returns its hash, None where nothing was heard."""
    sound.keep()
    history_live.stop_session(room.history, job_id)
    upload = to_recording(sound, room.uploads, f"{title}.wav")
    if upload is not None:
        room.history.add_input(upload.sha256, upload.size)
    sha256 = upload.sha256 if upload else None
    history_live.attach_sound(room.history, job_id, sha256, sound.heard_s)
    return sha256


def gather(room: LiveRoom, folder: Path) -> None:
    """Looks after what a crash left of sessions whose job has ended: their sound becomes a recording too."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        row = room.history.job(path.name)
        if row is not None and not row.ended:
            continue
        try:
            if row is not None and not row.cut_done:
                sound = LiveSound(path)
                try:
                    store(room, row.id, sound, row.title)
                finally:
                    sound.close()
            remove(path)
        except (WorkbenchError, OSError) as error:
            log.warning("the sound of %s stays in its folder: %s", path.name, error)


def settle(room: LiveRoom, job: ActiveJob, sound: LiveSound, title: str) -> None:
    """Stores the sound and lets the job end when its last text is there; doing it again gives the same.

    Raises WorkbenchError; the sound stays where it is then.
    """
    sha256 = store(room, job.id, sound, title)
    with room.board.changed:
        room.board.turns.sessions.pop(job.id, None)
        job.sha256, job.pcm = sha256 or "", None if sha256 else job.pcm
        job.duration_s = job.decoded_s = sound.heard_s
        job.reading = "done"
        room.board.changed.notify_all()
