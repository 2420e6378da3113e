"""What runs around a request's view: before it, after it, when it has failed."""

from __future__ import annotations

from tests.codemod.programs.carriers import Carriers
from tests.codemod.programs.effects import effect
from tests.codemod.programs.kinds import MODELS
from tests.codemod.programs.text import ONE, ROWS, SCALAR, Scope, Type, function, indented


class Hooks:
    """Each `h_` writes one, for the view in a scope."""

    def __init__(self, carriers: Carriers, above: str = "") -> None:
        self._carriers = carriers
        names = [name for name in sorted(dir(self)) if name.startswith("h_")]
        self._kinds = [getattr(self, n) for n in names if not above.startswith("h_") or n == above]

    def some(self, scope: Scope) -> None:
        scope.rng.choice(self._kinds)(scope)

    def _inner(self, scope: Scope) -> Scope:
        return Scope(scope.program, scope.module, scope.sessions)

    def _put(self, scope: Scope, head: str, name: str, given: str, lines: list[str]) -> None:
        text = function(name, given, lines)
        scope.module.definitions.append(f"\n@bp.{head}\n{text}\n")

    def h_before(self, scope: Scope) -> None:
        """Puts something on `g` for the view."""
        type = Type(scope.rng.choice([ONE, ROWS]), scope.rng.choice(MODELS))
        name, inner = scope.program.fresh("before"), self._inner(scope)
        inner.emit(f"g.{name} = {self._carriers.some(inner, type, 2)}")
        self._put(scope, "before_request", name, "", inner.lines)
        scope.names[f"g.{name}"] = type

    h_before2 = h_before

    def h_pulled(self, scope: Scope) -> None:
        """The same, before there is a session of an application's own hook."""
        if scope.program.flavour == "factory":
            self.h_before(scope)
            return
        type = Type(ONE, scope.rng.choice(MODELS))
        name, inner = scope.program.fresh("pulled"), self._inner(scope)
        inner.emit(f"g.{name} = {self._carriers.some(inner, type, 2)}")
        self._put(scope, "url_value_preprocessor", name, "endpoint, values", inner.lines)
        scope.names[f"g.{name}"] = type

    def h_early(self, scope: Scope) -> None:
        """Answers in the view's place, if a value says so."""
        name, inner = scope.program.fresh("early"), self._inner(scope)
        value = self._carriers.some(inner, SCALAR, 2)
        inner.emit(f"if {value} == 2:\n    return jsonify('early')")
        self._put(scope, "before_request", name, "", inner.lines)

    def h_after(self, scope: Scope) -> None:
        name, inner = scope.program.fresh("after"), self._inner(scope)
        effect(self._carriers.some, inner, 1)
        inner.emit(f"more = str({self._carriers.some(inner, SCALAR, 2)})")
        inner.emit("response.set_data(response.get_data(as_text=True) + more)")
        self._put(scope, "after_request", name, "response", [*inner.lines, "return response"])

    def h_after_this(self, scope: Scope) -> None:
        name = scope.program.fresh("later")
        scope.module.imports["from flask import after_this_request"] = None
        inner = scope.block(f"@after_this_request\ndef {name}(response):")
        effect(self._carriers.some, inner, 1)
        inner.emit(
            f"response.headers['X-Found'] = str({self._carriers.some(inner, SCALAR, 1)})[:9]"
        )
        inner.emit("return response")
        scope.end(inner)

    def h_teardown(self, scope: Scope) -> None:
        """Its faults are its own: nobody hears of them any more."""
        name, inner = scope.program.fresh("ended"), self._inner(scope)
        effect(self._carriers.some, inner, 1)
        lines = ["try:", *map(indented, inner.lines), f"    {scope.session()}.commit()"]
        lines += ["except Exception:", f"    {scope.session()}.rollback()"]
        self._put(scope, "teardown_request", name, "error=None", lines)

    def h_failed(self, scope: Scope) -> None:
        """What the view raises, a handler shows."""
        name, error = scope.program.fresh("failed"), scope.program.fresh("Bad")
        kind = scope.rng.choice(["Exception", "LookupError", "ValueError"])
        scope.module.definitions.append(f"\nclass {error}({kind}):\n    pass\n")
        inner = self._inner(scope)
        if scope.rng.random() < 0.5:
            effect(self._carriers.some, inner, 1)
        shown = self._carriers.some(inner, SCALAR, 2)
        inner.emit(f"return jsonify(str(error), {shown}), {scope.rng.choice([200, 202])}")
        self._put(scope, f"errorhandler({error})", name, "error", inner.lines)
        value = self._carriers.some(scope, SCALAR, 1)
        inner = scope.block(f"if {value}:")
        inner.emit(f"raise {error}({self._carriers.some(inner, SCALAR, 1)})")
        scope.end(inner)
