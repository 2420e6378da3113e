"""What runs around a request's view: before it, after it, when it has failed."""

from __future__ import annotations

from tests.codemod.programs.carriers import Carriers
from tests.codemod.programs.effects import effect
from tests.codemod.programs.kinds import IN_TEMPLATES, MODELS
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

    def h_of_all(self, scope: Scope) -> None:
        """A hook of the whole application, which only works for this program's requests."""
        type = Type(scope.rng.choice([ONE, ROWS]), scope.rng.choice(MODELS))
        name, inner = scope.program.fresh("before"), self._inner(scope)
        inner.emit(f"if request.blueprint != '{scope.program.name}':\n    return")
        inner.emit(f"g.{name} = {self._carriers.some(inner, type, 2)}")
        self._put(scope, "before_app_request", name, "", inner.lines)
        scope.names[f"g.{name}"] = type
        name, inner = scope.program.fresh("after"), self._inner(scope)
        inner.emit(f"if request.blueprint != '{scope.program.name}':\n    return response")
        inner.emit(f"more = str({self._carriers.some(inner, SCALAR, 2)})")
        inner.emit("response.headers['X-More'] = more[:9].replace('\\n', '')")
        inner.emit("response.set_data(response.get_data(as_text=True) + more)")
        self._put(scope, "after_app_request", name, "response", [*inner.lines, "return response"])

    def h_in_templates(self, scope: Scope) -> None:
        """What templates have besides: values, functions and filters that ask the database."""
        rng, program = scope.rng, scope.program
        of = rng.choice(MODELS)
        given, shown = program.fresh("given"), rng.choice(IN_TEMPLATES[of])
        lines, text = (
            [f"return {{'{given}': VALUE}}"],
            f"{{% for x in {given} %}}{{{{ {shown} }}}}{{% endfor %}}",
        )
        head, parameters = "app_context_processor", ""
        way = rng.randrange(4)
        if way == 1:
            lines, text = (
                [f"return {{'{given}': lambda: VALUE}}"],
                text.replace(given, f"{given}()"),
            )
        elif way == 2:
            head, lines, text = (
                f"app_template_global('{given}')",
                ["return VALUE"],
                text.replace(given, f"{given}()"),
            )
        elif way == 3:
            head, lines, parameters = (
                f"app_template_filter('{given}')",
                ["return VALUE[:number]"],
                "number",
            )
            text = text.replace(given, f"2|{given}")
        name, inner = program.fresh("known"), self._inner(scope)
        value = self._carriers.some(inner, Type(ROWS, of), 2)
        body = [*inner.lines, lines[0].replace("VALUE", value)]
        if head == "app_context_processor":
            # All programs of the application have it.
            body = [f"if request.blueprint != '{program.name}':\n    return {{}}", *body]
        self._put(scope, head, name, parameters, body)
        file = f"{program.name}_{name}.html"
        program.templates[file] = text
        scope.module.imports["from flask import render_template, stream_template"] = None
        scope.emit(f"out.append(render_template('{file}'))")

    def h_aborted(self, scope: Scope) -> None:
        """What is not found, by a handler that asks."""
        name, inner = scope.program.fresh("missed"), self._inner(scope)
        if scope.rng.random() < 0.5:
            effect(self._carriers.some, inner, 1)
        shown = self._carriers.some(inner, SCALAR, 2)
        inner.emit(f"return jsonify(error.description, {shown}), error.code")
        code = scope.rng.choice([404, 409])
        self._put(scope, f"errorhandler({code})", name, "error", inner.lines)
        scope.module.imports["from flask import abort"] = None
        inner = scope.block(f"if {self._carriers.some(scope, SCALAR, 1)}:")
        inner.emit(f"abort({code}, description=str({self._carriers.some(inner, SCALAR, 1)}))")
        scope.end(inner)

    def h_logged_in(self, scope: Scope) -> None:
        """Another one than who has asked, or nobody."""
        scope.module.imports["from flask_login import current_user, login_user, logout_user"] = None
        if scope.rng.random() < 0.6:
            # `current_user` itself would be its own proxy.
            one = self._carriers.values.one(scope, Type(ONE, "Customer"), 0)
            scope.emit(f"login_user({one})")
            scope.names["current_user"] = Type(ONE, "Customer")
            effect(self._carriers.some, scope, 1)
        else:
            scope.emit("out.append(getattr(current_user, 'name', '-'))")
            scope.emit("logout_user()")
            scope.emit(
                "out.append([current_user.is_anonymous, getattr(current_user, 'name', '-')])"
            )

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
