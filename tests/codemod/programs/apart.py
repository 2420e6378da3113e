"""Sessions of a program's own, beside that of the application: made here, by a factory, in a registry."""

from __future__ import annotations

from tests.codemod.programs.effects import effect
from tests.codemod.programs.kinds import needs
from tests.codemod.programs.text import QUERY, SHOWN, Scope, Type, function, indented
from tests.codemod.programs.writes import Writes

#: What is around `BODY`, where {0} is the session; {1} says the engine and {2} is a name of the module's.
_AROUND = (
    ("with OrmSession({1}) as {0}:", "BODY"),
    ("with OrmSession(bind={1}, expire_on_commit=False) as {0}:", "BODY"),
    ("with OrmSession({1}) as {0}, {0}.begin():", "BODY"),
    ("with sessionmaker(bind={1})() as {0}:", "BODY"),
    ("with sessionmaker({1}).begin() as {0}:", "BODY"),
    ("{0} = sessionmaker(bind={1}, autoflush=False)()", "try:", "BODY", "finally:", "    {0}.close()"),
    ("{0} = OrmSession({1})", "try:", "BODY", "except Exception:", "    {0}.rollback()", "    raise", "finally:", "    {0}.close()"),
    ("{0} = scoped_session(sessionmaker(bind={1}))", "try:", "BODY", "finally:", "    {0}.remove()"),
    ("with closing({2}()) as {0}:", "BODY"),
    ("with {2}() as {0}:", "BODY"),
    ("with {2}.begin() as {0}:", "BODY"),
    ("with {1}.connect() as connection{0}:", "    with OrmSession(bind=connection{0}) as {0}:", "    BODY"),
    ("with {1}.begin() as connection{0}, OrmSession(connection{0}, join_transaction_mode='create_savepoint') as {0}:", "BODY"),
    ("with {3}() as {0}:", "BODY"),
    ("with {3}() as {0}:", "BODY"),
)  # fmt: skip
#: Where `{2}` comes from: {1} is its engine.
_FACTORY = "\ndef {2}_made():\n    return sessionmaker(bind={1})\n\n\nclass {2}_kept:\n    made = None\n\n    def __call__(self):\n        if self.made is None:\n            self.made = sessionmaker(bind={1})\n        return self.made()\n\n    def begin(self):\n        return {2}_made().begin()\n\n\n{2} = {2}_kept()\n"
_MANAGER = "\n@contextmanager\ndef {3}():\n    session = OrmSession({1})\n    try:\n        yield session\n        session.commit()\n    except Exception:\n        session.rollback()\n        raise\n    finally:\n        session.close()\n"
_NEEDED = (
    "from contextlib import closing, contextmanager",
    "from sqlalchemy.orm import Session as OrmSession, scoped_session, sessionmaker",
)


class Apart(Writes):
    """Each `s_` is a way."""

    def s_apart(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a session finds that lives as long as its block; an object outlives it detached."""
        if scope.in_generator or type.kind == QUERY:
            return None
        name, session = scope.program.fresh("v"), scope.program.fresh("own")
        inner = Scope(scope.program, scope.module, [session])
        # What another session has found is not this one's.
        inner.names = {n: t for n, t in scope.names.items() if t.kind == SHOWN}
        if scope.rng.random() < 0.5:
            effect(self.some, inner, depth - 1)
        inner.emit(f"{name} = {self.some(inner, type, depth)}")
        self._around(scope, session, inner.lines)
        scope.names[name] = type
        return name

    def e_apart(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A function with a session of its own."""
        if type.kind == QUERY:
            return None  # It would open the session again, and nobody would close it.
        home = scope.module
        made = Scope(scope.program, home, [])
        session, name = scope.program.fresh("own"), scope.program.fresh("alone")
        inner = Scope(scope.program, home, [session])
        inner.emit(f"return {self.some(inner, type, depth)}")
        self._around(made, session, inner.lines)
        home.definitions.append(f"\n{function(name, '', made.lines)}\n")
        return f"{name}()"

    def _around(self, scope: Scope, session: str, lines: list[str]) -> None:
        for line in _NEEDED:
            needs(scope, line)
        engine = self._engine(scope)
        factory, manager = scope.program.fresh("Own"), scope.program.fresh("opened")
        around = scope.rng.choice(_AROUND)
        used = "".join(around)
        for word, text in (("{2}", _FACTORY), ("{3}", _MANAGER)):
            if word in used:
                made = text.format(session, engine, factory, manager)
                scope.module.definitions.append(made)
        for line in around:
            if "BODY" not in line:
                scope.emit(line.format(session, engine, factory, manager))
                continue
            for inside in lines:
                scope.emit(
                    line.partition("BODY")[0]
                    + indented(inside).replace("\n", "\n" + line.partition("BODY")[0])
                )
