"""Makes of a session's sound a recording like any other, so that its job ends like that of a file."""

from __future__ import annotations

from workbench import history_live
from workbench.board import ActiveJob
from workbench.live_room import LiveRoom
from workbench.live_sound import LiveSound, to_recording


def settle(room: LiveRoom, job: ActiveJob, sound: LiveSound, title: str) -> None:
    """Stores the sound and lets the job end when its last text is there; doing it again gives the same.

    Raises WorkbenchError; the sound stays where it is then.
    """
    sound.keep()
    history_live.stop_session(room.history, job.id)
    upload = to_recording(sound, room.uploads, f"{title}.wav")
    if upload is not None:
        room.history.add_input(upload.sha256, upload.size)
    sha256 = upload.sha256 if upload else None
    history_live.attach_sound(room.history, job.id, sha256, sound.heard_s)
    with room.board.changed:
        room.board.turns.sessions.pop(job.id, None)
        job.sha256, job.pcm = sha256 or "", None if sha256 else job.pcm
        job.duration_s = job.decoded_s = sound.heard_s
        job.reading = "done"
        room.board.changed.notify_all()
