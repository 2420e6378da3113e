"""Jinja templates: how a variable that is handed to a template is used there.

A Query that a template loops over may be run beforehand. Anything else that a template can do with
a Query (call `count()` on it, test it, filter it) needs the Query itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateError, nodes

from migrator.frozen import frozen
from migrator.index.project import Project

#: Filters that do nothing but loop over what they get.
_LOOPING = frozenset(
    {"list", "join", "sort", "map", "select", "selectattr", "reject", "rejectattr", "groupby",
     "batch", "slice", "unique", "sum", "min", "max"}
)  # fmt: skip


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
        self._environment = Environment(
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"]
        )

    def only_loops(self, name: str, variable: str) -> bool:
        """Whether the template, with all that it includes and extends, only loops over it."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            tree = self.tree(current)
            if tree is None or not _only_loops(tree, variable):
                return False
            for target in _templates_that_see_it(tree):
                if not isinstance(target, nodes.Const) or not isinstance(target.value, str):
                    return False
                waiting.append(target.value)
        return True

    def words(self) -> Words:
        """The words of all templates."""
        if self._words is None:
            members: set[str] = set()
            names: set[str] = set()
            for name, paths in self._paths.items():
                tree = self.tree(name)
                if tree is None:
                    for path in paths:
                        text = (self._root / path).read_text(encoding="utf-8", errors="replace")
                        members.update(_WORD.findall(text))
                    continue
                members.update(node.attr for node in tree.find_all(nodes.Getattr))
                members.update(str(node.value) for node in tree.find_all(nodes.Const))
                variables = [*tree.find_all(nodes.Name)]
                own = {node.name for node in variables if node.ctx != "load"}
                names.update(node.name for node in variables if node.name not in own)
            self._words = Words(frozenset(members), frozenset(names))
        return self._words

    def know(self, words: Words) -> None:
        """Take the words from a run over the same templates."""
        self._words = words

    def tree(self, name: str) -> nodes.Template | None:
        """The template of that name, parsed; None where there is none, or several, or a mistake."""
        if name not in self._trees:
            paths = self._paths.get(name, [])
            self._trees[name] = self._parsed(self._root / paths[0]) if len(paths) == 1 else None
        return self._trees[name]

    def _parsed(self, path: Path) -> nodes.Template | None:
        try:
            return self._environment.parse(path.read_text(encoding="utf-8"))
        except (TemplateError, OSError, UnicodeDecodeError):
            return None


def _templates_that_see_it(tree: nodes.Template) -> Iterator[nodes.Expr]:
    """What names the other templates that get a template's variables."""
    for base in tree.find_all(nodes.Extends):
        yield base.template
    for other in (*tree.find_all(nodes.Include), *tree.find_all((nodes.Import, nodes.FromImport))):
        if (
            isinstance(other, nodes.Include | nodes.Import | nodes.FromImport)
            and other.with_context
        ):
            yield other.template


def _only_loops(tree: nodes.Template, variable: str) -> bool:
    allowed: set[int] = set()
    for loop in tree.find_all(nodes.For):
        allowed.add(id(loop.iter))
    for used in tree.find_all(nodes.Filter):
        if used.name in _LOOPING and used.node is not None:
            allowed.add(id(used.node))
    return all(
        id(node) in allowed
        for node in tree.find_all(nodes.Name)
        if node.name == variable and node.ctx == "load"
    )
