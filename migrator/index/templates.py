"""Jinja templates: how a variable that is handed to a template is used there.

A Query that a template loops over may be run beforehand. Anything else that a template can do with
a Query (call `count()` on it, test it, filter it) needs the Query itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.frozen import frozen
from migrator.index.project import Project

if TYPE_CHECKING:
    from jinja2 import nodes

_WORD = re.compile(r"[A-Za-z_]\w*")


@frozen
class Words:
    """`members`: names of everything that any template takes from a value: attributes, methods, items.

    `names`: every variable that any template reads and doesn't set.
    """

    members: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


class Templates:
    """The templates below a project's `templates` folders, by the name they are rendered with."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._paths: dict[str, list[str]] = {}
        for path in project.data:
            parts = path.split("/")
            for index, part in enumerate(parts[:-1]):
                if part == "templates":
                    self._paths.setdefault("/".join(parts[index + 1 :]), []).append(path)
        self._trees: dict[str, nodes.Template | None] = {}
        self._words: Words | None = None

    def only_loops(self, name: str, variable: str) -> bool:
        """Whether the template, with all that it includes and extends, only loops over it."""
        # With Jinja, which takes its time to import: where no template is read, nobody needs it.
        from migrator.index.template_trees import only_loops, seeing_it

        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            trees = [*map(self._read, self._may_be(current))]
            if not trees:
                return False
            for tree in trees:
                if tree is None or not only_loops(tree, variable):
                    return False
                others = seeing_it(tree)
                if others is None:
                    return False
                waiting += others
        return True

    def _may_be(self, name: str) -> list[str]:
        """The files that may be meant: where none has the whole name, a blueprint has a folder of its own."""
        end = f"/{name}"
        return self._paths.get(name) or [
            path for other, found in self._paths.items() if other.endswith(end) for path in found
        ]

    def words(self) -> Words:
        """The words of all templates."""
        if self._words is None and not self._paths:
            self._words = Words()
        if self._words is None:
            from migrator.index.template_trees import words_of

            members: set[str] = set()
            names: set[str] = set()
            for name, paths in self._paths.items():
                tree = self.tree(name)
                if tree is None:
                    for path in paths:
                        text = (self._root / path).read_text(encoding="utf-8", errors="replace")
                        members.update(_WORD.findall(text))
                    continue
                taken, read = words_of(tree)
                members |= taken
                names |= read
            self._words = Words(frozenset(members), frozenset(names))
        return self._words

    def know(self, words: Words) -> None:
        """Take the words from a run over the same templates."""
        self._words = words

    def tree(self, name: str) -> nodes.Template | None:
        """The template of that name, parsed; None where there is none, or several, or a mistake."""
        paths = self._paths.get(name, [])
        return self._read(paths[0]) if len(paths) == 1 else None

    def _read(self, path: str) -> nodes.Template | None:
        if path not in self._trees:
            self._trees[path] = self._parsed(self._root / path)
        return self._trees[path]

    def _parsed(self, path: Path) -> nodes.Template | None:
        from migrator.index.template_trees import parsed

        try:
            return parsed(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
