"""Rules that hold for the whole project: what an import may do, where SQL lives, both languages, the file map."""

from __future__ import annotations

import ast
import builtins
import json
import re
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("media", "engines", "workbench", "api", "webui")
MODEL_LIBRARIES = (
    "torch", "transformers", "faster_whisper", "ctranslate2", "onnxruntime", "modelscope", "voicefixer", "basicsr",
    "wetext", "opencc", "librosa", "accelerate", "bitsandbytes", "sentencepiece",
)  # fmt: skip
ONLY_IN_CHILDREN = {"ctranslate2", "faster_whisper", "onnxruntime", "torch", "transformers", "modelscope"}

IMPORT_ALL = """
import importlib, sys
root, names = sys.argv[1], sys.argv[2:]
touched = []

def module_of_ours(frame):
    # Importing reads source files: only what the body of one of our modules does itself counts.
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return None
        if frame.f_code.co_name == "<module>":
            return name if name.startswith(root) and ".venv" not in name else None
        frame = frame.f_back

def watch(event, args):
    if event in ("open", "socket.connect", "subprocess.Popen", "os.listdir", "os.mkdir", "sqlite3.connect"):
        name = module_of_ours(sys._getframe(1))
        if name:
            touched.append((event, str(args[0]), name))

sys.addaudithook(watch)
sys.path.insert(0, root)
for name in names:
    importlib.import_module(name)
print(repr((touched, sorted(name for name in sys.modules if "." not in name))))
"""


def modules(root: Path) -> list[tuple[str, Path]]:
    """Every module of the packages, by its dotted name."""
    found = []
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def parsed(root: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    for name, path in modules(root):
        yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> set[str]:
    """The top-level packages that a tree imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_importing_any_module_touches_no_disk_or_network_and_loads_no_model_library(root: Path) -> None:
    names = [name for name, _ in modules(root)] + ["launch", "composing", "serving", "bootstrap"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, str(root), *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    touched, loaded = ast.literal_eval(done.stdout.splitlines()[-1])
    assert touched == []
    assert set(MODEL_LIBRARIES) & set(loaded) == set()


def test_the_web_process_never_imports_what_only_children_may(root: Path) -> None:
    for name, _, tree in parsed(root):
        if not name.startswith("engines"):
            assert not imported(tree) & ONLY_IN_CHILDREN, name


def test_sql_is_only_in_the_history(root: Path) -> None:
    spoken = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA )")
    for name, path, tree in parsed(root):
        if not name.startswith("workbench.history."):
            assert not imported(tree) & {"sqlite3", "sqlite_utils"}, name
            assert not spoken.search(path.read_text(encoding="utf-8")), name


def test_every_module_says_in_a_sentence_what_it_is(root: Path) -> None:
    for name, _, tree in parsed(root):
        told = ast.get_docstring(tree) or ""
        assert told.splitlines()[:1] and told.splitlines()[0].endswith((".", ":")), name


def test_nothing_names_the_machine_it_was_written_on(root: Path) -> None:
    private = re.compile(r"""["'`(\s](/root/|/work/|/home/\w+/|/Users/\w+/)""")
    for path in set(_ours(root)) - {Path(__file__)}:
        assert not private.search(path.read_text(encoding="utf-8", errors="replace")), path


def test_no_file_of_ours_is_large(root: Path) -> None:
    for path in _ours(root, "*"):
        assert path.stat().st_size < 1_500_000, path


@pytest.fixture(scope="module")
def sentences(root: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"en": {}, "zh": {}}
    for language, known in found.items():
        for path in sorted((root / "assets" / "texts").glob(f"*.{language}.json")):
            known.update(json.loads(path.read_text(encoding="utf-8")))
    return found


def test_every_area_has_its_sentences_in_both_languages(root: Path) -> None:
    names = [path.name for path in (root / "assets" / "texts").iterdir()]
    areas = Counter(name.split(".")[0] for name in names)
    assert all(count == 2 for count in areas.values()), areas


def test_no_sentence_is_there_twice(root: Path) -> None:
    def strict(pairs: list[tuple[str, str]]) -> dict[str, str]:
        repeated.update(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return dict(pairs)

    repeated: set[str] = set()
    for language in ("en", "zh"):
        keys: Counter[str] = Counter()
        for path in sorted((root / "assets" / "texts").glob(f"*.{language}.json")):
            keys.update(list(json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=strict)))
        repeated |= {key for key, count in keys.items() if count > 1}
    assert not repeated


def test_both_languages_have_the_same_sentences(sentences: dict[str, dict[str, str]]) -> None:
    # "1 minute": a language without a singular leaves these out.
    en, zh = ({key for key in told if not key.endswith(".one")} for told in (sentences["en"], sentences["zh"]))
    assert en ^ zh == set()


def test_both_languages_name_the_same_values(sentences: dict[str, dict[str, str]]) -> None:
    def values(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    en, zh = sentences["en"], sentences["zh"]
    shared = {key for key in en.keys() & zh.keys() if not key.endswith(".one")}
    different = {key for key in shared if values(en[key]) != values(zh[key])}
    assert not different


def test_chinese_sentences_are_chinese(sentences: dict[str, dict[str, str]]) -> None:
    wordy = re.compile(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}")
    assert not {
        key for key, text in sentences["zh"].items() if wordy.search(re.sub(r"(sudo apt|python3) .*", "", text))
    }


def test_every_error_that_is_raised_has_its_sentence(root: Path, sentences: dict[str, dict[str, str]]) -> None:
    told = {key.removeprefix("error.") for key in sentences["en"] if key.startswith("error.")}
    lost = {(code, name) for name, _, tree in parsed(root) for code in _codes(tree) if code not in told}
    assert not lost


def _codes(tree: ast.AST) -> Iterator[str]:
    """The codes that are written down where an error is made, or as an error's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            made, first = node.exc.func, node.exc.args[0]
            is_ours = isinstance(made, ast.Name) and (made.id in _RAISED or _is_our_error(made.id))
            if is_ours and isinstance(first, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)*", str(first.value)):
                yield str(first.value)
        named = (
            isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "default_code"
        )
        if named and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def _is_our_error(name: str) -> bool:
    return name.endswith("Error") and not hasattr(builtins, name)


_RAISED = {"NotFound", "WeightsMissing", "DataInUse", "OutOfMemory", "EngineCrashed", "EngineHung"}


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_map_in_the_readme_is_true(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    [told] = re.findall(r"<!-- map -->\n+```text\n(.*?)```", text, re.S)
    named = [line.split()[0] for line in told.splitlines() if line.strip() and not line.startswith(" " * 8)]
    assert [path for path in named if not (root / path).exists()] == []
    folders = {path.parent.relative_to(root).as_posix() + "/" for _, path in modules(root)}
    assert folders - set(named) == set()
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False).stdout
    top = {entry.partition("/")[0] + ("/" if "/" in entry else "") for entry in listed.split("\n") if entry}
    assert {entry for entry in top if not entry.startswith(".")} - set(named) == set()


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/licences.md"])
def test_links_between_pages_lead_somewhere(root: Path, name: str) -> None:
    page = root / name
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def _ours(root: Path, pattern: str = "*.py") -> Iterator[Path]:
    for folder in (*PACKAGES, "tests", "bench", "assets"):
        yield from (path for path in (root / folder).rglob(pattern) if path.is_file())
    yield from (root / name for name in ("launch.py", "composing.py", "serving.py", "bootstrap.py", "bootstrap_pip.py"))
