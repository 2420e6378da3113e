"""Values of a request: of the one who asks (Flask-Login), on `g`, behind proxies of the program's own."""

from __future__ import annotations

from tests.codemod.programs.kinds import needs
from tests.codemod.programs.statements import Statements
from tests.codemod.programs.text import ONE, ROWS, SHOWN, Scope, Type, function

_VISITOR = Type(ONE, "Customer")
#: What keeps a value on `g`: {0} is its name, {1} what makes it.
_KEPT = (
    ["if not hasattr(g, '{0}'):", "    g.{0} = {1}()", "return g.{0}"],
    ["if '{0}' not in g:", "    g.{0} = {1}()", "return g.{0}"],
    ["found = getattr(g, '{0}', None)", "if found is None:", "    found = g.{0} = {1}()", "return found"],
    ["try:", "    return g.{0}", "except AttributeError:", "    g.{0} = {1}()", "return g.{0}"],
    ["found = g.get('{0}')", "if found is None:", "    g.{0} = found = {1}()", "return g.get('{0}')"],
    ["return g.setdefault('{0}', {1}())"],
    ["setattr(g, '{0}', {1}())", "return g.pop('{0}')"],
    ["g.{0} = {{'k': {1}()}}", "return g.{0}['k']"],
    ["return {1}()"],
)  # fmt: skip
#: Proxies of what a function {1} gives, named {0}.
_PROXIES = ("{0} = LocalProxy({1})", "{0} = LocalProxy(lambda: {1}())", "{0}: object = LocalProxy({1})")  # fmt: skip


class Visitors(Statements):
    """Each `e_` is a way."""

    def e_visitor(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a function finds for `current_user`, or `current_user` itself."""
        if not scope.program.requested:
            return None
        words = "current_user"
        if type == _VISITOR and scope.rng.random() < 0.6:
            needs(scope, "from flask_login import current_user")
            return scope.rng.choice([words, words, f"{words}._get_current_object()"])
        made = self.routine(scope)
        made.home.imports["from flask_login import current_user"] = None
        made.scope.names[words] = _VISITOR
        name = scope.program.fresh("theirs")
        lines = self.body(made, type, depth)
        made.home.definitions.append(f"\n{function(name, made.heads(), lines)}\n")
        return made.call(scope.program.refer(scope.module, made.home, name, scope))

    e_visitor2 = e_visitor

    def e_kept_on_g(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a function keeps for the request; or what a proxy of it gives."""
        made = self.routine(scope)
        if made.parameters or type.kind not in (ONE, ROWS, SHOWN):
            return None
        program, rng = scope.program, scope.rng
        name, getter, proxy = (program.fresh(word) for word in ("make", "kept", "proxy"))
        lines = self.body(made, type, depth)
        keeps = "\n".join(rng.choice(_KEPT)).format(f"{program.name}_{getter}", name)
        made.home.imports["from flask import g"] = None
        made.home.definitions.append(f"\n{function(name, made.heads(), lines)}\n")
        made.home.definitions.append(f"\n{function(getter, '', [keeps])}\n")
        if rng.random() < 0.5:
            return f"{program.refer(scope.module, made.home, getter, scope)}()"
        made.home.imports["from werkzeug.local import LocalProxy"] = None
        made.home.definitions.append(f"\n{rng.choice(_PROXIES).format(proxy, getter)}\n")
        called = program.refer(scope.module, made.home, proxy, scope)
        return called if rng.random() < 0.8 else f"{called}._get_current_object()"

    e_kept_on_g2 = e_kept_on_g
