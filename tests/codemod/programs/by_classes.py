"""Values that objects of a program's own classes bring: methods, properties, special methods, overrides."""

from __future__ import annotations

from tests.codemod.programs.by_functions import ByFunctions
from tests.codemod.programs.routines import Routine
from tests.codemod.programs.text import Module, Scope, Type, function, indented

#: How a member is asked, and its head.
_MEMBERS = (
    (".%s()", "def %s(self)"), (".%s()", "def %s(self, unused=None)"), (".each()", "def each(self)"),
    (".%s", "@property\ndef %s(self)"), (".%s", "@cached_property\ndef %s(self)"),
    ("()", "def __call__(self)"), ("()", "def __call__(self, *args)"), ("[0]", "def __getitem__(self, key)"),
    (".anything", "def __getattr__(self, word)"), (".__enter__()", "def __enter__(self)"),
    (" + 1", "def __add__(self, other)"), (" | 1", "def __or__(self, other)"),
)  # fmt: skip


class ByClasses(ByFunctions):
    """Each `e_` is a way."""

    def e_member(self, scope: Scope, type: Type, depth: int) -> str:
        """A member of an object that is made here: its class keeps what it is given."""
        rng, program = scope.rng, scope.program
        made = self.routine(scope)
        home, given = made.home, made.names
        name, attribute = program.fresh("Thing"), program.fresh("thing")
        style = rng.choice(["dataclass", "tuple", "plain", "plain"]) if given else "plain"
        asked, definition = rng.choice(_MEMBERS)
        if style == "tuple" and "cached" in definition:
            style = "plain"
        fields = "\n".join(f"    {g}: object" for g in given)
        if style == "dataclass":
            home.imports["from dataclasses import dataclass"] = None
            head = f"@dataclass\nclass {name}:\n{fields}"
        elif style == "tuple":
            home.imports["from typing import NamedTuple"] = None
            head = f"class {name}(NamedTuple):\n{fields}"
        else:
            sets = [f"self.{g} = {g}" for g in given]
            head = f"class {name}:\n" + indented(function("__init__", made.heads("self"), sets))
        home.imports["from functools import cached_property"] = None
        # The body's names are attributes now.
        made.scope.sessions = ["self.session"] if "session" in given else made.scope.sessions
        made.scope.names = {f"self.{n}": t for n, t in made.scope.names.items()}
        if "__getattr__" in definition:
            made.scope.emit("if word.startswith('_'):\n    raise AttributeError(word)")
        lines = self.body(made, type, depth)
        text = f"{definition.replace('%s', attribute)}:\n" + indented("\n".join(lines))
        home.definitions.append(f"\n{head}\n\n{indented(text)}\n")
        if style == "plain" and rng.random() < 0.3:
            name = self._child(home, name, attribute if definition.startswith("def %s") else "")
        asked = asked.replace("%s", attribute)
        if not given and rng.random() < 0.3 and home is scope.module:
            one = program.fresh("kept")
            home.definitions.append(f"\n{one} = {name}()\n")
        else:
            one = made.call(program.refer(scope.module, home, name, scope))
        return f"({one}{asked})" if " " in asked else f"{one}{asked}"

    e_member2 = e_member3 = e_member

    def _child(self, home: Module, base: str, method: str) -> str:
        """A class below, which may override the method to call what it overrides."""
        name = f"{base}Child"
        body = "pass"
        if method:
            body = f"def {method}(self):\n    return super().{method}()"
        home.definitions.append(f"\nclass {name}({base}):\n{indented(body)}\n")
        return name

    def e_method_of_class(self, scope: Scope, type: Type, depth: int) -> str:
        made = self.routine(scope)
        name, attribute = scope.program.fresh("Kind"), scope.program.fresh("thing")
        kind, first = scope.rng.choice([("classmethod", ["cls"]), ("staticmethod", [])])
        lines = self.body(made, type, depth)
        text = f"@{kind}\n" + function(attribute, made.heads(*first), lines)
        made.home.definitions.append(f"\nclass {name}:\n{indented(text)}\n")
        called = scope.program.refer(scope.module, made.home, name, scope)
        return made.call(
            f"{called}.{attribute}" if scope.rng.random() < 0.7 else f"{called}().{attribute}"
        )

    def e_override(self, scope: Scope, type: Type, depth: int) -> str:
        """One of two classes, by a flag, whose methods override an abstract one."""
        made = self.routine(scope)
        home, program = made.home, scope.program
        base, one, other, attribute = (program.fresh(w) for w in ("Base", "One", "Other", "thing"))
        lines = self.body(made, type, depth)
        second = Routine(
            Scope(program, home, made.scope.sessions), home, made.parameters, made.given
        )
        second.scope.names = {n: t for n, t in made.scope.names.items() if n.startswith("given")}
        others = self.body(second, type, 0)
        home.definitions.append(
            f"\nclass {base}:\n{indented(function(attribute, made.heads('self'), ['raise NotImplementedError']))}\n"
            f"    def ask(self, *args, **kwargs):\n        return self.{attribute}(*args, **kwargs)\n"
            f"\n\nclass {one}({base}):\n{indented(function(attribute, made.heads('self'), lines))}\n"
            f"\n\nclass {other}({base}):\n{indented(function(attribute, made.heads('self'), others))}\n"
        )
        pick = program.fresh("pick")
        home.definitions.append(
            f"\ndef {pick}(flag=1):\n    return {one}() if flag else {other}()\n"
        )
        called = program.refer(scope.module, home, pick, scope)
        method = scope.rng.choice([attribute, "ask"])
        return made.call(f"{called}({scope.rng.choice(['', '0'])}).{method}")
