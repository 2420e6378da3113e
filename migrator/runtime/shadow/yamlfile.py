"""YAML (and so JSON) read with the line of every node, by YAML 1.2's rules for plain words.

`yes`, `on`, `12:30`, `010` and `2026-01-02` stay text: in a file about HTTP requests a word that
turns into a boolean, a number or a date without being asked to is a trap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from migrator.errors import CasesError, MissingExtra

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?([0-9]*\.[0-9]+|[0-9]+\.?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, object] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the file and where it begins (lines count from 1).

    `value` is a scalar, a list of nodes, or a dict of nodes by key.
    """

    value: Any
    line: int
    path: Path

    def fail(self, why: str, hint: str, *, line: int | None = None) -> NoReturn:
        """Raise CasesError at this place."""
        raise CasesError(f"{self.path}:{line or self.line}: bad shadow cases.", why, hint)

    @property
    def kind(self) -> str:
        """What a person calls this value."""
        if isinstance(self.value, dict):
            return "a mapping"
        return "a list" if isinstance(self.value, list) else repr(self.value)

    def plain(self) -> Any:
        """The value without lines, all the way down."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def mapping(self, allowed: tuple[str, ...] | None = None) -> dict[str, Node]:
        """The mapping; unknown keys are an error that names the nearest known one."""
        if not isinstance(self.value, dict):
            self.fail(f"A mapping was expected, not {self.kind}.", "Write `key: value` lines.")
        for key, node in self.value.items():
            if allowed is not None and key not in allowed:
                node.fail(f"The key {key!r} is not known here.", _suggestion(key, allowed))
        return dict(self.value)

    def items(self) -> list[Node]:
        """The list."""
        if not isinstance(self.value, list):
            self.fail(f"A list was expected, not {self.kind}.", "Begin each element with `- `.")
        return list(self.value)

    def text(self) -> str:
        """The scalar as text; a number keeps the way it is usually written."""
        if isinstance(self.value, dict | list) or self.value is None:
            self.fail(f"A text was expected, not {self.kind}.", "Put the text in quotes.")
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value)


def _suggestion(key: str, allowed: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, allowed, 1)
    known = ", ".join(allowed)
    return f"Did you mean {near[0]!r}? Known: {known}." if near else f"Known keys: {known}."


def read(path: Path) -> Node:
    """The file as a tree of nodes. Raises CasesError (with the line) or MissingExtra."""
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "The shadow cases are a YAML file and PyYAML is not installed.",
            "It belongs to the extra 'shadow'.",
            "Run: pip install 'migrator[shadow]'",
        ) from error
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(
            f"The file of shadow cases {str(path)!r} can't be read.",
            f"{type(error).__name__}: {error}.",
            "Give the path of a UTF-8 YAML file; docs/shadow.md shows one.",
        ) from error
    try:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(error, "problem", None) or str(error)
        raise CasesError(
            f"{path}:{line}: this is no YAML.", f"The parser says: {problem}.", "Correct the line."
        ) from error
    if root is None:
        raise CasesError(
            f"{path}:1: the file is empty.",
            "There is no case to compare.",
            "docs/shadow.md shows a file to start from.",
        )
    return _node(root, path, yaml)


def _node(raw: Any, path: Path, yaml: Any) -> Node:
    line = raw.start_mark.line + 1
    if isinstance(raw, yaml.MappingNode):
        made: dict[str, Node] = {}
        for key_node, value_node in raw.value:
            key = str(key_node.value)
            value = _node(value_node, path, yaml)
            if key in made:
                value.fail(
                    f"The key {key!r} is given twice.",
                    "Keep one of them.",
                    line=key_node.start_mark.line + 1,
                )
            at = value if value.line else Node(value.value, key_node.start_mark.line + 1, path)
            made[key] = at
        return Node(made, line, path)
    if isinstance(raw, yaml.SequenceNode):
        return Node([_node(item, path, yaml) for item in raw.value], line, path)
    return Node(_scalar(raw), line, path)


def _scalar(raw: Any) -> object:
    text: str = raw.value
    if raw.style in ("'", '"', "|", ">") or raw.tag == "tag:yaml.org,2002:binary":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    # `010` is an article's number more often than ten.
    is_float = _FLOAT.match(text) and ("." in text or "e" in text.lower())
    return float(text) if is_float else text
