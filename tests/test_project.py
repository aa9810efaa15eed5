"""The files around the code: what they promise to whoever installs, runs or copies the bot."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

from bot.core.table import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
COMPILED = ("requirements.txt", "requirements-dev.txt")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _normal(name: str) -> str:
    """A package's name as packaging tools compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _direct(*, dev: bool) -> set[str]:
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    asked = project["dependencies"] + (project["optional-dependencies"]["dev"] if dev else [])
    return {_normal(name[0]) for entry in asked if (name := re.match(r"[A-Za-z0-9._-]+", entry))}


def _pins(name: str) -> dict[str, str]:
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", _read(name), re.MULTILINE)
    return {_normal(package): version for package, version in pins}


def _stages() -> list[list[tuple[str, str]]]:
    """The Dockerfile's stages, each a list of instructions; lines that are continued are put together."""
    stages: list[list[tuple[str, str]]] = []
    for line in re.sub(r"\\\n\s*", "", _read("Dockerfile")).splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        if word.isupper():
            stages[-1].append((word, rest.strip()))
    return stages


def _last(word: str) -> str:
    return [rest for name, rest in _stages()[-1] if name == word][-1]


@pytest.mark.parametrize(("name", "dev"), [("requirements.txt", False), ("requirements-dev.txt", True)])
def test_every_direct_dependency_is_pinned(name: str, dev: bool) -> None:
    """Whatever pyproject.toml asks for has one exact version in the compiled list."""
    assert _direct(dev=dev) <= _pins(name).keys()


def test_both_lists_pin_the_same_versions() -> None:
    """The tests run with the very packages that the bot runs with."""
    assert _pins("requirements.txt").items() <= _pins("requirements-dev.txt").items()


@pytest.mark.parametrize("name", COMPILED)
def test_every_pin_has_its_hashes(name: str) -> None:
    """A package that was changed since it was pinned is refused by pip."""
    entries = re.split(r"^(?=[A-Za-z0-9])", _read(name), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split(maxsplit=1)[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", COMPILED)
def test_the_lists_name_no_package_index(name: str) -> None:
    """Packages come from wherever the machine's own settings say."""
    assert re.findall(r"\S*://\S*|^--(?:extra-)?index-url.*|^--find-links.*", _read(name), re.MULTILINE) == []


def test_the_image_installs_exactly_the_compiled_list() -> None:
    """The builder installs requirements.txt with its hashes, and nothing else is installed anywhere."""
    installs = [rest for stage in _stages() for _, rest in stage if "pip install" in rest]
    assert len(installs) == 1
    (command,) = (part for part in installs[0].split("&&") if "pip install" in part)
    words = command.split()
    options = words[words.index("install") + 1 :]
    assert sorted(options) == ["--no-cache-dir", "--require-hashes", "--requirement", "/requirements.txt"]
    assert options[options.index("--requirement") + 1] == "/requirements.txt"
    assert ("COPY", "requirements.txt /") in _stages()[0]
    assert ("COPY", "--from=builder /venv /venv") in _stages()[-1]


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The process is not root: its last USER is a number above those of the system's own accounts."""
    assert int(_last("USER").split(":")[0]) >= 1000


def test_the_image_keeps_its_data_in_a_volume() -> None:
    """/data outlives the container, and the bot is started there."""
    assert _last("VOLUME") == "/data"
    assert _last("WORKDIR") == "/data"


def test_the_image_starts_the_bot_without_a_shell() -> None:
    """The exec form lets the bot itself get SIGTERM: `python -m bot run`."""
    assert json.loads(_last("ENTRYPOINT")) + json.loads(_last("CMD")) == ["python", "-m", "bot", "run"]


def test_the_image_gets_no_secrets_and_no_history() -> None:
    """Everything is kept out of the image's context but what is named."""
    entries = [line for line in _read(".dockerignore").splitlines() if line and not line.startswith("#")]
    assert entries[0] == "*"
    assert {entry for entry in entries if entry.startswith("!")} == {"!bot", "!requirements.txt", "!LICENSE"}


def test_the_licence_is_mit() -> None:
    """The licence's text and what the project says of itself agree."""
    assert _read("LICENSE").startswith("MIT License\n")
    assert "Permission is hereby granted, free of charge" in _read("LICENSE")
    assert tomllib.loads(_read("pyproject.toml"))["project"]["license"] == "MIT"


def test_each_test_opens_with_a_sentence() -> None:
    """Whoever reads a test, or sees it fail, learns from its first line what ought to hold."""
    bare = [
        f"{file.name}: {node.name}"
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").split("\n")[0].endswith(".")
    ]
    assert bare == []


def test_the_readme_lists_every_command() -> None:
    """The list in the README is the command table: same usage, same words, same order."""
    rows = [f"| `{each.usage}` | {each.description} | {each.audience}s |" for each in COMMANDS]
    assert [line for line in _read("README.md").splitlines() if line.startswith("| `/")] == rows
