"""Several files of cases as one: a folder's YAML files, their parts put together.

Lists (cases, flows, rules) go one behind the other in the order of the file names; mappings
(actors, variables, headers) are joined, and what two files both say is an error in the second.
"""

from __future__ import annotations

from pathlib import Path

from migrator.errors import CasesError

from . import yamlfile
from .yamlfile import Node

_LISTS = ("rules", "cases", "flows")
_MAPPINGS = ("variables", "headers", "actors")


def read(path: Path) -> list[Node]:
    """The file, or each YAML file of the folder by name. Raises CasesError."""
    if not path.is_dir():
        return [yamlfile.read(path)]
    files = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml"))
    if not files:
        raise CasesError(
            f"The folder {str(path)!r} holds no cases.",
            "No file in it ends with .yaml or .yml.",
            "Name the file or folder that has them; docs/shadow.md shows one.",
        )
    return [yamlfile.read(file) for file in files]


def joined(parts: list[dict[str, Node]]) -> dict[str, Node]:
    """The top levels of several files as one. Raises CasesError where two files disagree."""
    top: dict[str, Node] = {}
    for part in parts:
        for key, node in part.items():
            known = top.get(key)
            top[key] = node if known is None else _both(key, known, node)
    return top


def _both(key: str, known: Node, node: Node) -> Node:
    if key in _LISTS:
        return Node([*known.items(), *node.items()], known.line, known.path)
    if key in _MAPPINGS:
        ours, theirs = known.mapping(), node.mapping()
        for name in ours.keys() & theirs.keys():
            _twice(f"{name!r} under `{key}:`", ours[name], theirs[name])
        return Node({**ours, **theirs}, known.line, known.path)
    if key != "version":
        _twice(f"`{key}:`", known, node)
    return known


def _twice(what: str, known: Node, node: Node) -> None:
    node.fail(
        f"{what} is also said in {known.path.name}, line {known.line}.",
        "Keep one of the two.",
    )
