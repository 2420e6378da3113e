"""OpenAPI documents: the operations in them, and the functions that connexion finds by their names.

Read without a YAML parser: of block style the nested mappings, of everything else the pairs that
name functions. That is as much as the report needs; what is converted asks for the names alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from migrator.frozen import frozen
from migrator.index.files import DOCUMENTS
from migrator.index.project import Project

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
_DOCUMENT = re.compile(r"""^[\s{]*["']?(openapi|swagger)["']?\s*:""", re.MULTILINE)
_KEYS = r"operationId|x-(?:openapi|swagger)-router-controller|x-[A-Za-z]+Func"
#: `operationId: shop.orders.search`, in YAML and in JSON, in block and in flow style.
_NAMING = re.compile(
    rf"""(?P<before>(?P<quote>["']?)(?P<key>{_KEYS})(?P=quote)[ \t]*:[ \t]*["']?)
        (?P<name>[A-Za-z_][\w.]*)(?P<more>[^\s"',}}\]]*)""",
    re.VERBOSE,
)
_PAIR = re.compile(
    r"""^(?P<indent>\ *)(?P<key>"[^"]*"|'[^']*'|[^\s"'#:-][^:#]*?)\s*:(?:\s+(?P<value>.*))?$"""
)
_VARIABLE = re.compile(r"{([^}]*)}")


@frozen
class Operation:
    """One rule in Flask's syntax with its method, and the name of its function; "" without one."""

    rule: str
    method: str
    name: str


@dataclass(frozen=True)
class Document:
    """One file: its path below the project, and its text."""

    path: str
    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What names functions, as it is written: what a resolver makes of it may be more."""
        return tuple(
            match["name"] + match["more"]
            for match in _NAMING.finditer(self.text)
            if "router" not in match["key"]
        )

    @cached_property
    def _content(self) -> dict[str, Any]:
        try:
            found = json.loads(self.text) if self.path.endswith(".json") else _mappings(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def base(self) -> str:
        """The path before all of its rules, as the document says it."""
        content = self._content
        base = content.get("basePath")
        if not base:
            servers = re.search(
                r"""^\s*-?\s*["']?url["']?\s*:\s*["']?([^\s"',]+)""", self.text, re.M
            )
            base = re.sub(r"^\w+://[^/]*", "", servers[1]) if servers else ""
        return str(base).rstrip("/")

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Its operations, below no base path."""
        return tuple(self._operations())

    def _operations(self) -> Iterator[Operation]:
        paths = self._content.get("paths")
        for path, methods in paths.items() if isinstance(paths, dict) else ():
            for method, said in methods.items() if isinstance(methods, dict) else ():
                if method.lower() not in _METHODS or not str(path).startswith("/"):
                    continue
                name = str(said.get("operationId") or "") if isinstance(said, dict) else ""
                controller = next(
                    (
                        str(level[key])
                        for level in (said, methods, self._content)
                        for key in _CONTROLLERS
                        if isinstance(level, dict) and level.get(key)
                    ),
                    "",
                )
                dotted = f"{controller}.{name}" if controller and name else name
                rule = _VARIABLE.sub(lambda m: f"<{m[1].replace('-', '_')}>", str(path))
                yield Operation(rule, method.upper(), dotted)

    @cached_property
    def _completed(self) -> frozenset[str]:
        """The names that a controller completes: they are none by themselves."""
        whole = {operation.name for operation in self.operations}
        return frozenset(
            n for n in self.names if n not in whole and any(w.endswith(f".{n}") for w in whole)
        )

    def renamed(self, new: Callable[[str], str | None]) -> str:
        """The text with the names that `new` gives for those of modules and of what is in them."""

        def replaced(match: re.Match[str]) -> str:
            name = match["name"]
            whole = "router" in match["key"] or ("." in name and name not in self._completed)
            found = new(name) if whole else None
            return match[0] if found is None else match["before"] + found + match["more"]

        return _NAMING.sub(replaced, self.text)


def names_function(key: str) -> bool:
    """Whether a document's entry of that name is the name of a function, or of a module of some."""
    return re.fullmatch(_KEYS, key) is not None


def documents(project: Project) -> tuple[Document, ...]:
    """The OpenAPI documents of a project, and the parts of such ones that name functions."""
    found = []
    for path in project.data:
        if not path.endswith(DOCUMENTS):
            continue
        try:
            text = (project.root / path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if _DOCUMENT.search(text) or _NAMING.search(text):
            found.append(Document(path, text))
    return tuple(found)


def _mappings(text: str) -> dict[str, Any]:
    """The nested block mappings of a YAML text; other values as they are written, without quotes."""
    root: dict[str, Any] = {}
    # Of each open mapping: its own indentation, and the mapping.
    open_: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for line in text.splitlines():
        match = _PAIR.match(line)
        if match is None:
            continue
        indent = len(match["indent"])
        while open_[-1][0] >= indent:
            open_.pop()
        key, value = match["key"].strip().strip("\"'"), (match["value"] or "").strip()
        if not value or value.startswith("#"):
            inner: dict[str, Any] = {}
            open_[-1][1][key] = inner
            open_.append((indent, inner))
        else:
            open_[-1][1][key] = value.split(" #")[0].strip().strip("\"'")
    return root
