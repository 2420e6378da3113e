"""What a rule may know and ask for while it rewrites one node."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from migrator.codemod.rewriting.hidden import Hidden

#: A method of `Context`, what it was given, and its answer.
Asked: TypeAlias = tuple[str, tuple[str, ...], str]


def _same(module: str) -> str:
    return module


def _written(statement: ast.ImportFrom) -> str:
    return "" if statement.level else statement.module or ""


@dataclass(slots=True)
class Context:
    """One module under conversion.

    `taken` maps each module-level name already bound to the dotted names that denote the same
    thing: what it imports, and where that is defined (none for what is defined here). `renamed`
    gives a module of the legacy package its new name, `absolute` says which module an import of the
    new text is from. `needed` collects the imports that the new
    code asks for, as {(module, name): local names}; what comes from the modules in `early` may be
    needed while the module itself is imported.
    """

    taken: dict[str, frozenset[str]] = field(default_factory=dict)
    renamed: Callable[[str], str] = _same
    absolute: Callable[[ast.ImportFrom], str] = _written
    needed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    early: set[str] = field(default_factory=set)
    #: What the functions around the lines that are rewritten bind for themselves.
    hidden: Hidden = field(default_factory=Hidden)
    #: The module's text before, and the names that were made up.
    text: str = ""
    made_up: dict[str, str] = field(default_factory=dict)
    #: What rules have asked for, each with the answer: whoever asks makes it empty first.
    asked: list[Asked] = field(default_factory=list)
    #: The names of `taken` that denote each thing.
    _names: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, targets in self.taken.items():
            for dotted in targets:
                self._names.setdefault(dotted, []).append(name)

    def fresh(self, name: str) -> str:
        """The name, or one like it that stands nowhere in the module; always the same one."""
        if name not in self.made_up:
            found = name
            while re.search(rf"\b{found}\b", self.text):
                found = f"{found}_"
            self.made_up[name] = found
        self.asked.append(("fresh", (name,), self.made_up[name]))
        return self.made_up[name]

    def use(self, module: str, name: str) -> str:
        """Ask for `from module import name`; returns the local name, another one on a clash.

        A name that the module has already, imported from wherever it is re-exported, is used.
        """
        local = self._used(module, name)
        self.asked.append(("use", (module, name), local))
        return local

    def use_early(self, module: str, name: str) -> str:
        """The same of what may be needed while the module itself is imported."""
        self.early.add(module)
        local = self._used(module, name)
        self.asked.append(("use_early", (module, name), local))
        return local

    def again(self, asked: Iterable[Asked]) -> bool:
        """Ask once more; whether the answers are the same. Asking twice gives what asking once does."""
        return all(getattr(self, method)(*given) == answer for method, given, answer in asked)

    def _used(self, module: str, name: str) -> str:
        key = (self.renamed(module), name)
        dotted = f"{module}.{name}"
        known = self.needed.get(key, [])
        for local in (*known, *self._names.get(dotted, [])):
            if not self.hidden.hides(local, dotted):
                return local
        local = name
        while self._stands_for_another(local, dotted):
            local = f"{local}_"
        self.needed[key] = [*known, local]
        return local

    def bind(self, module: str, name: str, local: str) -> None:
        """Ask for `from module import name as local`: the new code says `local`, which is free."""
        self.needed.setdefault((self.renamed(module), name), []).append(local)

    def _stands_for_another(self, local: str, dotted: str) -> bool:
        return (
            local in self.taken
            or any(local in names for names in self.needed.values())
            or self.hidden.hides(local, dotted)
        )
