"""Makes .venv, installs the locked packages in it, and starts a script inside it; needs the standard library only.

This file and launch.py must parse on an old Python, so that it can say in a sentence that it is too old: annotations
are quoted, and what came with Python 3.11 is imported inside functions.
"""

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import typing

from bootstrap_pip import NO_ROOM, JsonMeter, Meter, Options, Pip, Place, SetUpFailed, failure, free_mb

OLDEST, NEWEST = (3, 11), (3, 12)
BASE = "core"
TESTS = "test"
TESTED_PACKS = ("speakers", "writing", "speech", "video", "text")
"""Packs that the tests run, with real weights or ones that they make; of the others none can be had everywhere."""
MAIN = ".venv"
"""The environment of the program; a pack whose packages fit no others' has one of its own beside it."""
STAMP = "roomtone.json"
ROOM_MB = {BASE: 1100, TESTS: 200}


class Voice:
    """The sentences of the terminal in one language, ``en`` or ``zh``."""

    def __init__(self, root: str, language: str) -> None:
        self.language = language
        path = os.path.join(root, "assets", "texts", "bootstrap." + language + ".json")
        with open(path, encoding="utf-8") as file:
            self._texts = json.load(file)

    def text(self, key: str, **values: object) -> str:
        """Returns the sentence ``key`` with its values filled in."""
        return str(self._texts[key]).format(**values)

    def say(self, key: str, **values: object) -> None:
        """Prints the sentence ``key``; a terminal that was closed is no reason to stop."""
        with contextlib.suppress(OSError):
            print(self.text(key, **values), flush=True)

    def cause(self, error: OSError) -> str:
        """Returns why the system refused something, in this language where it is one of the usual reasons."""
        # Names that cannot be looked up have numbers of their own, which differ from system to system.
        nobody = isinstance(error, socket.gaierror)
        key = "why.name" if nobody else "why." + errno.errorcode.get(error.errno or 0, "")
        return str(self._texts[key]) if key in self._texts else error.strerror or str(error)


class Silence(Voice):
    """Says nothing, where another program reads what this one prints; sentences are given by their keys."""

    def text(self, key: str, **values: object) -> str:
        """Returns the key, which the reader looks up in the language of its person."""
        return key

    def say(self, key: str, **values: object) -> None:
        """Prints nothing."""


def language_of(argv: "list[str]", environ: "dict[str, str]") -> str:
    """Returns ``zh`` or ``en`` as ``--lang``, ``ROOMTONE_LANG`` or the locale ask."""
    asked = [b for a, b in zip(argv, argv[1:] + [""]) if a == "--lang"]
    asked += [a[7:] for a in argv if a.startswith("--lang=")]
    asked += [environ.get(name, "") for name in ("ROOMTONE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    first = next((word for word in asked if word), "en")
    return "zh" if first.lower().startswith("zh") else "en"


def ensure_python(root: str, argv: "list[str]", voice: Voice) -> None:
    """Returns when this Python fits; else replaces the process by one that does, or raises SetUpFailed."""
    if not fits(sys.version_info[:2]):
        version = "{}.{}".format(*sys.version_info[:2])
        found = first_that_fits(candidates(root))
        if found is None:
            raise SetUpFailed("python_wrong", version=version)
        voice.say("python_other", version=version, path=found)
        become([found, *argv])


def fits(version: "tuple[int, ...]") -> bool:
    """Tells whether a Python of this (major, minor) version can run the program."""
    return OLDEST <= tuple(version) <= NEWEST


def candidates(root: str) -> "list[str]":
    """Returns where another Python may be found on this machine, the one of .venv first."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    found = [inside(root)]
    found += [shutil.which("python3.{}".format(minor)) or "" for minor in minors]
    for minor in minors:
        for folder in (os.environ.get("PYENV_ROOT") or "~/.pyenv", "~/.local/share/uv"):
            pattern = os.path.join(folder, "*", "*3.{}.*".format(minor), "bin", "python3")
            found += sorted(glob.glob(os.path.expanduser(pattern)))
        found.append("/usr/bin/python3.{}".format(minor))
    return [path for path in found if path and os.path.exists(path)]


def first_that_fits(paths: "list[str]") -> "str | None":
    """Returns the first of these Pythons that runs, fits, and can make an environment."""
    check = "import sys, venv, ensurepip; sys.exit(not {} <= sys.version_info[:2] <= {})".format(OLDEST, NEWEST)
    for path in paths:
        with contextlib.suppress(OSError):
            if subprocess.call([path, "-c", check], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
                return path
    return None


def inside(root: str, environment: str = MAIN) -> str:
    """Returns the path of an environment's Python, whether it exists or not."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(root, environment, *parts)


def runs_inside(root: str, environment: str = MAIN) -> bool:
    """Tells whether this process already runs in an environment."""
    return os.path.realpath(sys.prefix) == os.path.realpath(os.path.join(root, environment))


def become(command: "list[str]") -> None:
    """Replaces this process by another; does not return."""
    sys.stdout.flush()
    if os.name == "nt":
        # Windows' exec returns to the shell at once and leaves the new process behind it.
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


class Groups:
    """What pyproject.toml and requirements.lock ask for: the core, the tests and each pack."""

    def __init__(self, root: str) -> None:
        import tomllib

        with open(os.path.join(root, "pyproject.toml"), "rb") as file:
            told = tomllib.load(file)
        self._root = root
        self.lock = os.path.join(root, "requirements.lock")
        self._names = {BASE: told["project"]["dependencies"], **told["project"]["optional-dependencies"]}
        self.packs = told["tool"]["roomtone"]["packs"]
        self.version = str(told["project"]["version"])

    def requirements(self, group: str) -> "list[str]":
        """Returns what pip is asked for."""
        return list(self._names[group])

    def chosen(self, named: "typing.Sequence[str]") -> "list[str]":
        """Returns the packs that ``--with`` names, ``all`` for every one; raises SetUpFailed for an unknown one."""
        for name in named:
            if name != "all" and name not in self.packs:
                raise SetUpFailed("pack_unknown", pack=name, packs=", ".join(self.packs))
        return list(self.packs) if "all" in named else sorted(set(named))

    def alone(self, group: str) -> "list[str]":
        """Returns what is installed afterwards without its dependencies."""
        return list(self.packs.get(group, {}).get("no_deps", []))

    def environment(self, group: str) -> str:
        """Returns the folder of the environment that the group is installed in."""
        return str(self.packs.get(group, {}).get("environment", MAIN))

    def lock_of(self, group: str) -> str:
        """Returns the file with the versions that the group takes; an environment of its own has its own."""
        name = self.packs.get(group, {}).get("lock")
        return os.path.join(self._root, str(name)) if name else self.lock

    def room_mb(self, group: str) -> int:
        """Returns about how much disk the group takes."""
        return int(self.packs[group]["size_mb"]) if group in self.packs else ROOM_MB[group]

    def count(self, group: str) -> int:
        """Returns how many packages the lock holds for the group; for a pack, an upper bound."""
        return len(re.findall(r"^[a-z0-9].*==", self._sections(group)[-1], re.M))

    def mark(self, group: str) -> str:
        """Returns a hash that changes when what the group installs changes."""
        text = json.dumps([self.requirements(group), self.alone(group), self._sections(group)])
        return hashlib.sha256(text.encode()).hexdigest()

    def _sections(self, group: str) -> "list[str]":
        with open(self.lock_of(group), encoding="utf-8") as locked:
            sections = re.split(r"^# -- ", locked.read(), flags=re.M)[1:]
        return sections[: {BASE: 1, TESTS: 2}.get(group, 3)]


class Environment:
    """The folder .venv, or one beside it: what is installed in it, and how to install more."""

    def __init__(self, root: str, name: str = MAIN) -> None:
        self.root = root
        self.name = name
        self.folder = os.path.join(root, name)
        self.python = inside(root, name)
        self._stamp = os.path.join(self.folder, STAMP)

    def done(self) -> "dict[str, str]":
        """Returns the mark of each group that is completely installed."""
        try:
            with open(self._stamp, encoding="utf-8") as file:
                told = json.load(file)
        except (OSError, ValueError):
            return {}
        return dict(told) if os.path.exists(self.python) else {}

    def missing(self, groups: Groups, wanted: "list[str]") -> "list[str]":
        """Returns those of the wanted groups that are not installed as the lock says."""
        done = self.done()
        return [group for group in wanted if done.get(group) != groups.mark(group)]

    def remember(self, groups: Groups, group: str) -> None:
        """Writes down that a group is completely installed."""
        told = dict(self.done(), **{group: groups.mark(group)})
        with open(self._stamp + ".new", "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.replace(self._stamp + ".new", self._stamp)

    def forget(self) -> None:
        """Removes the whole folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def works(self) -> bool:
        """Tells whether .venv was made completely and has a Python with pip, of a version that fits."""
        if not os.path.exists(self._stamp):
            return False
        check = "import sys, pip; sys.exit(not {} <= sys.version_info[:2] <= {})".format(OLDEST, NEWEST)
        try:
            return subprocess.call([self.python, "-c", check], stderr=subprocess.DEVNULL) == 0
        except OSError:
            return False

    def make(self) -> None:
        """Makes .venv anew; raises SetUpFailed."""
        try:
            import ensurepip  # noqa: F401 - Debian ships venv without it
            import venv  # noqa: F401
        except ImportError:
            raise SetUpFailed("no_venv", version="{}.{}".format(*sys.version_info[:2])) from None
        self.forget()
        made = subprocess.run(
            [sys.executable, "-m", "venv", self.folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if made.returncode:
            told = made.stdout.decode(errors="replace").strip()
            raise SetUpFailed("no_room" if NO_ROOM.search(told) else "failed", **failure(told, self.root))
        with open(self._stamp, "w", encoding="utf-8") as file:
            json.dump({}, file)

    def heal(self) -> None:
        """Removes the records of packages whose installation was broken off, so that pip installs them again."""
        for record in self._records():
            if not os.path.exists(os.path.join(record, "RECORD")):
                shutil.rmtree(record, ignore_errors=True)

    def count(self) -> int:
        """Returns how many packages are installed."""
        return len(self._records())

    def _records(self) -> "list[str]":
        return glob.glob(os.path.join(self.folder, "[Ll]ib*", "**", "site-packages", "*.dist-info"), recursive=True)


@contextlib.contextmanager
def one_at_a_time(root: str, voice: Voice) -> "typing.Iterator[typing.Tuple[int, ...]]":
    """Holds off a second set-up of the same folder until this one has ended.

    Yields what pip has to inherit, so that a pip that outlives this process holds off the next one too.
    """
    if os.name == "nt":
        yield ()
        return
    import fcntl

    with open(os.path.join(root, ".venv.lock"), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            voice.say("waiting")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield (file.fileno(),)


def prepare(root: str, wanted: "list[str]", options: Options, voice: Voice, meter: "Meter | None" = None) -> str:
    """Makes sure that the wanted groups are installed and returns the Python of .venv; raises SetUpFailed.

    What is there is skipped; what was broken off is taken up again. A pack with an environment of its own goes there.
    """
    groups = Groups(root)
    by_name = {}  # type: typing.Dict[str, typing.List[str]]
    for group in wanted:
        by_name.setdefault(groups.environment(group), []).append(group)
    parts = [(Environment(root, name), asked) for name, asked in by_name.items()]
    if not any(environment.missing(groups, asked) for environment, asked in parts):
        return inside(root)
    try:
        with one_at_a_time(root, voice) as held:
            words = {name: voice.text("step_" + name) for name in ("collect", "install", "slow")}
            for environment, asked in parts:
                missing = environment.missing(groups, asked)
                if missing:
                    lock = groups.lock_of(missing[0])
                    place = Place(environment.folder, environment.python, lock, environment.count, held)
                    _install(environment, groups, missing, voice, Pip(place, options, meter or Meter(), words))
    except PermissionError as error:
        raise SetUpFailed("not_allowed", path=error.filename or root) from None
    except OSError as error:
        key = "no_room" if NO_ROOM.search(str(error)) else "failed"
        raise SetUpFailed(key, **failure(str(error), root)) from None
    return inside(root)


def _install(environment: Environment, groups: Groups, missing: "list[str]", voice: Voice, pip: Pip) -> None:
    need = sum(groups.room_mb(group) for group in missing)
    taken_up = os.path.isdir(environment.folder)
    if not taken_up and free_mb(environment.root) < need:
        raise SetUpFailed("no_room", free=free_mb(environment.root), folder=environment.root)
    voice.say("set_up_again" if taken_up else "set_up", need=need)
    if not runs_inside(environment.root, environment.name) and not environment.works():
        voice.say("making")
        environment.make()
    environment.heal()
    for group in missing:
        voice.say("installing_core" if group == BASE else "installing", group=group, need=groups.room_mb(group))
        pip.install(groups.requirements(group), groups.count(group))
        if groups.alone(group):
            pip.install(["--no-deps", "--no-build-isolation", *groups.alone(group)], len(groups.alone(group)))
        environment.remember(groups, group)
    voice.say("set_up_done")


def main(argv: "list[str]") -> int:
    """``bootstrap.py GROUP... [--offline] [--index URL] [--json]`` installs groups; returns the exit status.

    With ``--json`` each step is one line of JSON; the last is ``{"end": true}`` or ``{"error", "values"}``.
    """
    root = os.path.dirname(os.path.abspath(__file__))
    as_json = "--json" in argv
    voice = (Silence if as_json else Voice)(root, language_of(argv, dict(os.environ)))
    index = argv[argv.index("--index") + 1] if "--index" in argv else None
    named = [word for word in argv if not word.startswith("-") and word != index]
    try:
        options = Options("--offline" in argv, index)
        prepare(root, named or [BASE], options, voice, JsonMeter() if as_json else Meter())
    except SetUpFailed as error:
        values = {name: str(value) for name, value in error.values.items()}
        print(json.dumps({"error": error.key, "values": values}) if as_json else voice.text(error.key, **error.values))
        return 1
    if as_json:
        print(json.dumps({"end": True}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
