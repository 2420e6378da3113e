"""What a repository says it needs: names of distributions, and the releases that it admits.

First what declares it (`pyproject.toml`, also Poetry's, `setup.cfg`, `setup.py`, `Pipfile`, requirements files),
then what a resolver wrote (`Pipfile.lock`, `poetry.lock`, `uv.lock`): where no bound is declared, that alone says
what runs today. https://packaging.python.org/en/latest/specifications/dependency-specifiers/
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.frozen import frozen

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

#: The name of the Python that is asked for.
PYTHON = "python"


@frozen
class Needed:
    """A line of `file` (from 1) that asks for a distribution, by its canonical name."""

    file: Path
    line: int
    name: str
    releases: SpecifierSet


def needed_by(root: Path, names: Container[str]) -> list[Needed]:
    """What is said of the distributions `names`: from `root` up to the first folder that says something."""
    for folder in _folders(root):
        found = [needed for file, read in _files(folder) for needed in _read(file, read, names)]
        if found:
            return found
    return []


def requirements_files(root: Path) -> list[Path]:
    """Every file that `needed_by` may read."""
    return [file for folder in _folders(root) for file, _ in _files(folder)]


def _folders(root: Path) -> Iterator[Path]:
    """From `root` up to the repository's own folder."""
    for folder in (root, *root.parents):
        yield folder
        if (folder / ".git").exists():
            return


#: What a file says, as names and the releases of each in the file's own way of writing.
_Said = Iterator[tuple[str, str]]


def _files(folder: Path) -> Iterator[tuple[Path, Callable[[str], _Said]]]:
    """The files that are there; what builds the documentation has an environment of its own."""
    for name, read in _DECLARING.items():
        yield from ((file, read) for file in folder.glob(name))
    for pattern in _LISTS:
        yield from (
            (file, _lines) for file in sorted(folder.glob(pattern)) if "doc" not in file.stem
        )
    for name, read in _RESOLVED.items():
        yield from ((file, read) for file in folder.glob(name))


def _read(file: Path, read: Callable[[str], _Said], names: Container[str]) -> Iterator[Needed]:
    try:
        text = file.read_text(encoding="utf-8")
        said = list(read(text))
    except (OSError, ValueError, SyntaxError, AttributeError, TypeError, configparser.Error):
        return  # It can't be read, or is not what its name says: nothing follows of it.
    # Whoever only asks which files there are needs none of it.
    from packaging.specifiers import SpecifierSet
    from packaging.utils import canonicalize_name

    for name, releases in said:
        if (canonical := str(canonicalize_name(name))) not in names:
            continue
        try:
            admitted = SpecifierSet(_specifiers(releases))
        except (AttributeError, ValueError):
            continue  # A URL, a number, or a way of writing that is none of these.
        yield Needed(file, _line(text, name, releases), canonical, admitted)


def _line(text: str, name: str, releases: str) -> int:
    """The first line with the name and the releases, or with the name in quotes, or with the name."""
    word = re.sub("[-_.]", "[-_.]", name)
    # Python is asked for as `requires-python`, `python_requires`, `python_version`.
    named = re.compile(word if name == PYTHON else rf"(?<![\w.-]){word}(?![\w.-])", re.I)
    lines = {n: line for n, line in enumerate(text.splitlines(), 1) if named.search(line)}
    for exact in (releases, f'"{name}"'):
        if found := next((n for n, line in lines.items() if exact and exact in line), 0):
            return found
    return next(iter(lines), 1)


def _specifiers(releases: str) -> str:
    """`^1.4` and `~1.4` of Poetry, and a bare release, as specifiers of Python's packaging."""
    return ",".join(
        _specifier(one.strip()) for one in releases.split(",") if one.strip() not in {"", "*"}
    )


def _specifier(one: str) -> str:
    if one[0] not in "^~" or one.startswith("~="):
        return one if one[0] in "<>=!~" else f"=={one}"
    numbers = one[1:].strip().split(".")
    # `^` keeps the first number that is not zero, `~` the second one where there is one.
    kept = (
        next((i for i, n in enumerate(numbers) if int(n)), 0)
        if one[0] == "^"
        else min(1, len(numbers) - 1)
    )
    below = [*numbers[:kept], str(int(numbers[kept]) + 1)]
    return f">={'.'.join(numbers)},<{'.'.join(below)}"


def _requirement(line: str) -> _Said:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(line)
    except InvalidRequirement:
        return
    if found.marker is None or found.marker.evaluate({"extra": ""}):
        yield found.name, str(found.specifier)


def _lines(text: str) -> _Said:
    for line in text.replace("\\\n", " ").splitlines():
        yield from _requirement(re.split(r"(?:^|\s)#|\s--", line)[0].strip())


def _pyproject(text: str) -> _Said:
    data: Any = tomllib.loads(text)
    project = data.get("project", {})
    yield PYTHON, project.get("requires-python", "")
    extras = {**project.get("optional-dependencies", {}), **data.get("dependency-groups", {})}
    for group in (
        project.get("dependencies", ()),
        *(extras[name] for name in extras if "doc" not in name),
    ):
        for line in group:
            if isinstance(line, str):
                yield from _requirement(line)
    poetry = data.get("tool", {}).get("poetry", {})
    yield from _table(poetry.get("dependencies", {}))


def _table(table: Mapping[str, Any]) -> _Said:
    """`name = "releases"` or `name = {version = "releases", ...}`."""
    for name, value in table.items():
        releases = value.get("version", "") if isinstance(value, dict) else value
        if isinstance(releases, str) and "||" not in releases:
            yield name, releases


def _setup_cfg(text: str) -> _Said:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    yield PYTHON, parser.get("options", "python_requires", fallback="")
    yield from _lines(parser.get("options", "install_requires", fallback=""))


def _setup_py(text: str) -> _Said:
    tree = ast.parse(text)
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for word in (k for node in ast.walk(tree) if isinstance(node, ast.Call) for k in node.keywords):
        if word.arg in {"python_requires", "install_requires"}:
            value = named.get(word.value.id) if isinstance(word.value, ast.Name) else word.value
            texts = [n.value for n in ast.walk(value or word) if isinstance(n, ast.Constant)]
            for one in (text for text in texts if isinstance(text, str)):
                yield from ((PYTHON, one),) if word.arg == "python_requires" else _requirement(one)


def _pipfile(text: str) -> _Said:
    data: Any = tomllib.loads(text)
    python = data.get("requires", {}).get("python_version", "")
    yield PYTHON, f"=={python}.*" if python else ""
    yield from _table(data.get("packages", {}))


def _pipfile_lock(text: str) -> _Said:
    yield from _table(json.loads(text).get("default", {}))


def _lock(text: str) -> _Said:
    found = re.findall(r'^name = "([^"]+)"\nversion = "([^"]+)"', text, re.M)
    yield from ((name, f"=={version}") for name, version in found)


_DECLARING = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "Pipfile": _pipfile,
}
_LISTS = (
    "*requirements*.in",
    "*requirements*.txt",
    "requirements/*.in",
    "requirements/*.txt",
)
_RESOLVED = {"Pipfile.lock": _pipfile_lock, "poetry.lock": _lock, "uv.lock": _lock}
