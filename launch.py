"""Starts Roomtone: sets up what is missing, has everything composed, and serves it.

Child processes that are started with ``spawn`` read this file again, and an old Python must be able to read it too: its
top stays light, annotations are quoted, and everything else is imported inside functions.
"""

import os
import sys
import typing

if typing.TYPE_CHECKING:
    from bootstrap import Voice
    from workbench.settings import Settings, SettingsError

ROOT = os.path.dirname(os.path.abspath(__file__))

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "1")
"""For this process and all that it starts. numpy's matrix products are small here, and the threads that OpenBLAS keeps
for them, one for each processor, go round in circles for a while after each: a seventh of what Whisper base costs on
two processors. What torch, onnxruntime and CTranslate2 compute with does not follow it.
"""


def main(argv: "list[str]") -> int:
    """Runs one command of the terminal and returns the exit status."""
    import bootstrap
    from bootstrap_pip import SetUpFailed

    os.environ.setdefault(*ONE_THREAD)
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Chinese shows question marks instead of an error.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    voice = bootstrap.Voice(ROOT, bootstrap.language_of(argv, dict(os.environ)))
    try:
        bootstrap.ensure_python(ROOT, [os.path.join(ROOT, "launch.py"), *argv], voice)
        if argv[:1] == ["test"]:
            return _test(argv[1:], voice)
        if argv[:1] == ["doctor"]:
            return _doctor(argv[1:], voice)
        if argv[:1] == ["transcribe"]:
            return _transcribe(argv[1:], voice)
        return _start(argv, voice)
    except SetUpFailed as error:
        print(voice.text(error.key, **error.values), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        voice.say("stopped")
        return 130


def _test(argv: "list[str]", voice: "Voice") -> int:
    import bootstrap
    from bootstrap_pip import Options

    options = Options(index=os.environ.get("ROOMTONE_INDEX_MIRROR"))
    python = bootstrap.prepare(ROOT, [bootstrap.BASE, bootstrap.TESTS, *bootstrap.TESTED_PACKS], options, voice)
    bootstrap.become([python, os.path.join(ROOT, "tests", "run.py"), *argv])
    return 0


def _doctor(argv: "list[str]", voice: "Voice") -> int:
    """Says what is wrong with the machine or the program; works before set-up and beside a running server."""
    from pathlib import Path

    from workbench.doctor import terminal
    from workbench.settings import SettingsError

    try:
        return terminal.main(Path(ROOT), argv, os.environ, voice.language)
    except SettingsError as error:
        return _unfit(error, voice)


def _transcribe(argv: "list[str]", voice: "Voice") -> int:
    """Turns recordings into files of text, through a server that runs on this machine or without one."""
    from pathlib import Path

    import bootstrap
    from bootstrap_pip import Options
    from commandline import asking
    from workbench.settings import Settings, SettingsError

    try:
        settings = Settings.load(asking.split(argv)[1], os.environ, Path(ROOT))
    except SettingsError as error:
        return _unfit(error, voice)
    if os.environ.get("ROOMTONE_SETUP") != "no":
        options = Options(settings.offline, settings.index_mirror)
        python = bootstrap.prepare(ROOT, [bootstrap.BASE], options, voice)
        if not bootstrap.runs_inside(ROOT):
            bootstrap.become([python, os.path.join(ROOT, "launch.py"), "transcribe", *argv])
    from commandline import transcribe
    from commandline.rooms import Alone
    from composing import compose
    from workbench.texts import Texts

    language = settings.language or voice.language
    texts = Texts(Path(ROOT) / "assets" / "texts")

    def alone(settings: "Settings") -> Alone:
        settings.data.mkdir(parents=True, exist_ok=True)
        workbench = compose(settings)[0]
        workbench.start()
        return Alone(workbench, lambda key: texts.say(language, "speaker.unnamed", number=key))

    show = transcribe.Show(texts, language, sys.stdout, sys.stderr)
    return transcribe.main(asking.split(argv)[0], settings, show, alone)


def _start(argv: "list[str]", voice: "Voice") -> int:
    from pathlib import Path

    import bootstrap
    from bootstrap_pip import Options
    from workbench.settings import Settings, SettingsError

    groups = bootstrap.Groups(ROOT)
    if {"--help", "-h", "help"} & set(argv):
        voice.say("help", packs=", ".join(groups.packs), file=os.path.join("data", "settings.toml"))
        return 0
    if "--version" in argv:
        print("Roomtone " + groups.version)
        return 0
    try:
        settings = Settings.load(argv, os.environ, Path(ROOT))
    except SettingsError as error:
        values = {name: ", ".join(v) if isinstance(v, list) else v for name, v in error.values.items()}
        print(voice.text("error." + error.code, **values), file=sys.stderr)
        return 2
    if settings.language:
        voice = bootstrap.Voice(ROOT, settings.language)
    packs = groups.chosen(settings.packs)
    if os.environ.get("ROOMTONE_SETUP") == "no":
        _tell_missing(packs, settings, voice)
    else:
        wanted = [bootstrap.BASE, *packs]
        options = Options(settings.offline, settings.index_mirror)
        python = bootstrap.prepare(ROOT, wanted, options, voice)
        if not bootstrap.runs_inside(ROOT):
            bootstrap.become([python, os.path.join(ROOT, "launch.py"), *argv])
    return _serve(settings, voice)


def _tell_missing(packs: "list[str]", settings: "Settings", voice: "Voice") -> None:
    """Says which of the packs are not here, where set-up may not install them."""
    from pathlib import Path

    from workbench.machine.packs import Packs

    missing = [pack.name for pack in Packs(Path(ROOT), settings).list() if pack.name in packs and not pack.installed]
    if missing:
        voice.say("packs_not_set_up", packs=", ".join(missing))


def _unfit(error: "SettingsError", voice: "Voice") -> int:
    values = {name: ", ".join(v) if isinstance(v, list) else v for name, v in error.values.items()}
    print(voice.text("error." + error.code, **values), file=sys.stderr)
    return 2


def _serve(settings: "Settings", voice: "Voice") -> int:
    """Listens at once, builds everything behind a page that says so, and returns when asked to stop."""
    import dataclasses
    import threading
    from pathlib import Path

    import serving
    from api.door import Door
    from api.lan.office import Office
    from bootstrap import Voice
    from composing import Room
    from media.errors import WorkbenchError
    from workbench.lock import DataLock
    from workbench.settings import misspelt
    from workbench.texts import Texts

    try:
        serving.open_log(settings)
        lock = DataLock(settings.data)
        lock.take()
        lock.release()
        listening = serving.listen(settings, voice)
        settings = dataclasses.replace(settings, port=listening[0].getsockname()[1])
        office = Office.open(settings) if settings.lan else None
    except WorkbenchError as error:
        return _refuse(settings, voice, error)
    except OSError as error:
        return _refuse(settings, voice, _about_folder(settings, voice, error))
    both = [Voice(ROOT, language) for language in ("zh", "en")]
    door = Door([each.text("starting." + part) for each in both for part in ("title", "body")])
    server = serving.server_of(door, settings, office, Texts(Path(ROOT) / "assets" / "texts"))
    room = Room(settings, voice, door, office, stop=lambda: setattr(server, "should_exit", True))
    serving.stop_on_signals(server, room.leave, voice)
    building = threading.Thread(target=room.build, name="build", daemon=True)
    building.start()
    serving.tell_address(settings, voice, office)
    for name in misspelt(os.environ):
        voice.say("variable_unknown", name=name)
    for folder in settings.model_folders:
        if not folder.is_dir():
            voice.say("models_not_there", folder=folder)
    server.run(sockets=listening)
    room.close()
    if room.refused is not None:
        return _refuse(settings, voice, room.refused)
    voice.say("bye")
    if building.is_alive():
        # It may be in the middle of an import, which the end of the interpreter would pull away from under it.
        os._exit(0)
    return 0


def _about_folder(settings: "Settings", voice: "Voice", error: OSError) -> Exception:
    from bootstrap_pip import NO_ROOM, SetUpFailed, free_mb

    if NO_ROOM.search(str(error)):
        return SetUpFailed("no_room", free=free_mb(ROOT), folder=settings.data)
    return SetUpFailed("data_unwritable", path=settings.data, why=voice.cause(error))


def _refuse(settings: "Settings", voice: "Voice", error: Exception) -> int:
    """Prints one plain sentence about what keeps the program from starting; returns the exit status."""
    from pathlib import Path

    from bootstrap_pip import SetUpFailed
    from composing import joined
    from media.errors import WorkbenchError
    from workbench.texts import Texts

    if isinstance(error, SetUpFailed):
        told = voice.text(error.key, **error.values)
    elif isinstance(error, WorkbenchError):
        texts = Texts(Path(ROOT) / "assets" / "texts")
        told = joined(texts.error_sentence(voice.language, error.code, error.values), voice)
    else:
        told = voice.text("broken", why=str(error), log=settings.data / "logs" / "roomtone.log")
    print(told, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
