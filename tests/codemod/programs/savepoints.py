"""What is done within savepoints, some of which are rolled back: here, in functions, one within another."""

from __future__ import annotations

from tests.codemod.programs.effects import effect
from tests.codemod.programs.kinds import needs
from tests.codemod.programs.tasks import Tasks
from tests.codemod.programs.text import SHOWN, Scope, Type, function, indented

#: {0} is the session, {1} the savepoint, {2} what is done in it, {3} another name.
_AROUND = (
    ("with {0}.begin_nested():", "{2}"),
    ("with {0}.begin_nested() as {1}:", "{2}", "    {1}.rollback()"),
    ("{1} = {0}.begin_nested()", "try:", "{2}", "    {1}.commit()", "except Exception:", "    {1}.rollback()", "    raise"),
    ("{1} = {0}.begin_nested()", "if True:", "{2}", "{1}.rollback()"),
    ("{1} = {0}.begin_nested()", "if True:", "{2}", "{1}.commit()"),
    ("{1} = {0}.begin_nested()", "if True:", "{2}", "{0}.rollback()"),
    ("{0}.begin_nested()", "if True:", "{2}", "{0}.commit()"),
    ("try:", "    with {0}.begin_nested():", "{2}{2}", "        raise KeyError", "except KeyError:", "    pass"),
    ("with {0}.begin_nested():", "    with {0}.begin_nested() as {1}:", "{2}{2}", "        {1}.rollback()"),
    ("with {0}.begin_nested() as {1}:", "    with {0}.begin_nested():", "{2}{2}", "    {1}.rollback()"),
    ("with suppress(KeyError), {0}.begin_nested():", "{2}", "    raise KeyError"),
    ("{1}, {3} = {0}.begin_nested(), {0}.begin_nested()", "if True:", "{2}", "{3}.rollback()", "{1}.commit()"),
    ("with {0}.no_autoflush, {0}.begin_nested():", "{2}"),
)  # fmt: skip


class Savepoints(Tasks):
    """Each `s_` is a way."""

    def s_savepoint(self, scope: Scope, type: Type, depth: int) -> str:
        """What was found before or within a savepoint, used after it."""
        name = scope.program.fresh("v")
        before = scope.rng.random() < 0.5
        if before:
            scope.emit(f"{name} = {self.some(scope, type, depth)}")
            scope.names[name] = type
        inner = Scope(scope.program, scope.module, scope.sessions)
        inner.names = dict(scope.names)
        inner.in_generator = scope.in_generator
        if before or scope.rng.random() < 0.4:
            effect(self.some, inner, depth - 1)
        if not before:
            inner.emit(f"{name} = {self.some(inner, type, depth)}")
        self._within(scope, inner.lines)
        scope.names[name] = type
        return name

    s_savepoint2 = s_savepoint

    def s_attempted(self, scope: Scope, type: Type, depth: int) -> str:
        """What a function does in a savepoint of its own to what it is given."""
        name = scope.program.fresh("v")
        scope.emit(f"{name} = {self.some(scope, type, depth)}")
        scope.names[name] = type
        made = self.routine(scope)
        effect(self.some, made.scope, depth - 1)
        if scope.rng.random() < 0.5:
            made.scope.emit(f"str({self.some(made.scope, Type(SHOWN), depth - 1)})")
        around = Scope(scope.program, made.home, made.scope.sessions)
        self._within(around, made.scope.lines)
        tried = scope.program.fresh("attempt")
        made.home.definitions.append(f"\n{function(tried, made.heads(), around.lines)}\n")
        scope.emit(made.call(scope.program.refer(scope.module, made.home, tried, scope)))
        return name

    def _within(self, scope: Scope, lines: list[str]) -> None:
        session, point = scope.session(), scope.program.fresh("point")
        needs(scope, "from contextlib import contextmanager, nullcontext, suppress")
        for line in scope.rng.choice(_AROUND):
            if "{2}" not in line:
                scope.emit(line.format(session, point, "", point + "b"))
                continue
            for inside in lines or ["pass"]:
                scope.emit(indented(indented(inside) if line == "{2}{2}" else inside))
