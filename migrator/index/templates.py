"""Jinja templates: how a variable that is handed to a template is used there.

A Query that a template loops over may be run beforehand. Anything else that a template can do with
a Query (call `count()` on it, test it, filter it) needs the Query itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.frozen import frozen
from migrator.index.apart import is_test
from migrator.index.definitions import Module, last_name
from migrator.index.project import Project
from migrator.index.template_files import as_rendered

if TYPE_CHECKING:
    from jinja2 import nodes

_WORD = re.compile(r"[A-Za-z_]\w*")
#: The calls of Flask, of Jinja and of extensions that a template's name is given to. The last one is anybody's as well.
_RENDERING = frozenset(
    {"render_template", "stream_template", "get_template", "select_template", "render"}
)


@frozen
class Words:
    """`members`: names of everything that any template takes from a value: attributes, methods, items.

    `names`: every variable that any template reads and doesn't set.
    """

    members: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


class Templates:
    """The templates of a project, by the name they are rendered with."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._root = project.root
        self._paths = project.templates
        self._trees: dict[str, nodes.Template | None] = {}
        self._of_files: Words | None = None

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
        name = as_rendered(name)
        end = f"/{name}"
        return self._paths.get(name) or [
            path for other, found in self._paths.items() if other.endswith(end) for path in found
        ]

    @cached_property
    def unseen(self) -> frozenset[str]:
        """The names that the code has templates rendered by, and that no file has."""
        sources = (m for m in self._project.modules.values() if not is_test(m))
        names = {name for module in sources for name in _rendered(module)}
        # A name that is computed may be any of those that there are.
        return frozenset(n for n in names if not (self._may_be(n) if n else self._paths))

    @cached_property
    def words(self) -> Words:
        """The words of all templates; where one is unseen, it may take whatever there is."""
        if not self.unseen:
            return self.of_files
        names = frozenset(function.name for function in self._project.functions.values())
        return Words(self.of_files.members | names, self.of_files.names | names)

    @property
    def of_files(self) -> Words:
        """The words of the templates that there are."""
        if self._of_files is None and not self._paths:
            self._of_files = Words()
        if self._of_files is None:
            from migrator.index.template_trees import words_of

            members: set[str] = set()
            names: set[str] = set()
            for name, paths in self._paths.items():
                tree = self.tree(name)
                if tree is not None:
                    taken, read = words_of(tree)
                    members |= taken
                    names |= read
                    continue
                # Which of several is rendered isn't known: all their words are taken, which is soon done.
                for path in paths:
                    text = (self._root / path).read_text(encoding="utf-8", errors="replace")
                    words = _WORD.findall(text)
                    members.update(words)
                    names.update(words)
            self._of_files = Words(frozenset(members), frozenset(names))
        return self._of_files

    def know(self, words: Words) -> None:
        """Take the words of the files from a run over the same ones."""
        self._of_files = words

    def tree(self, name: str) -> nodes.Template | None:
        """The template of that name, parsed; None where there is none, or several, or a mistake."""
        paths = self._paths.get(as_rendered(name), [])
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


def _rendered(module: Module) -> Iterator[str]:
    """The names of templates in a module's calls, "" for one that is computed."""
    if not module.source.says("template") and not module.source.says("render"):
        return
    for call in module.of(ast.Call):
        name = last_name(call.func)
        if name not in _RENDERING or not call.args:
            continue
        given = call.args[0]
        for node in given.elts if isinstance(given, ast.List | ast.Tuple) else [given]:
            text = node.value if isinstance(node, ast.Constant) else ""
            if isinstance(text, str) and ("." in text or (not text and name != "render")):
                yield text
