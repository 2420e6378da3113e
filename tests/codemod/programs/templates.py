"""What templates show: files with loops, macros, filters and tests of the program's own."""

from __future__ import annotations

from tests.codemod.programs.by_classes import ByClasses
from tests.codemod.programs.kinds import IN_CONDITIONS, IN_TEMPLATES, MODELS, SHOWS, needs
from tests.codemod.programs.text import ONE, QUERY, ROWS, SHOWN, Scope, Type, function

#: Around `{0}`, which shows `x`, an item of `xs`; `{1}` is a condition, `{2}` a name, `{3}` the file of its own.
_LOOPS = (
    "{{% for x in xs %}}{{{{ {0} }}}} {{% endfor %}}",
    "{{% for x in xs if {1} %}}{{{{ loop.index }}}}{{{{ {0} }}}}{{% else %}}none{{% endfor %}}",
    "{{% for x in xs %}}{{% if {1} %}}{{{{ {0} }}}}{{% endif %}}{{% if loop.last %}}!{{% endif %}}{{% endfor %}}",
    "{{% macro shown(x) %}}<{{{{ {0} }}}}>{{% endmacro %}}{{% for x in xs %}}{{{{ shown(x) }}}}{{% endfor %}}",
    "{{% set ns = namespace(found='') %}}{{% for x in xs %}}{{% set ns.found = ns.found ~ {0} %}}{{% endfor %}}{{{{ ns.found }}}}",
    "{{% for x in xs|sort(attribute='id', reverse=true) %}}{{{{ {0} }}}}{{% endfor %}}",
    "{{% for key, group in xs|groupby('id') %}}{{{{ key }}}}{{% for x in group %}}{{{{ {0} }}}}{{% endfor %}}{{% endfor %}}",
    "{{% for x in xs|list %}}{{% set found %}}{{{{ {0} }}}}{{% endset %}}{{{{ found|upper }}}}{{% endfor %}}",
    "{{% import '{2}' as other %}}{{% for x in xs %}}{{{{ other.shown(x) }}}}{{% endfor %}}",
    "{{% from '{2}' import shown with context %}}{{% for x in xs %}}{{{{ shown(x) }}}}{{% endfor %}}",
    "{{% for x in xs %}}{{% include '{2}' %}}{{% endfor %}}",
    "{{% for x in xs[:2] %}}{{{{ {0} }}}}{{% endfor %}}{{{{ (xs|list)|length }}}}",
    "{{% macro each() %}}{{% for x in xs %}}{{{{ caller(x) }}}}{{% endfor %}}{{% endmacro %}}{{% call(x) each() %}}{{{{ {0} }}}}{{% endcall %}}",
    "{{% extends '{2}' %}}{{% block body %}}{{% for x in xs %}}{{{{ {0} }}}}{{% endfor %}}{{{{ super() }}}}{{% endblock %}}",
)  # fmt: skip
_OTHERS = {
    "import": "{{% macro shown(x) %}}<{{{{ {0} }}}}>{{% endmacro %}}",
    "include": "({{{{ {0} }}}})",
    "extends": "top {{% block body %}}{{% for x in xs %}}{{{{ {0} }}}}{{% endfor %}}{{% endblock %}} end",
}


class Templates(ByClasses):
    """Each `e_` is a way."""

    def e_template(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A template in a file; what it shows is an object, rows or a query."""
        if type.kind != SHOWN:
            return None
        rng, program = scope.rng, scope.program
        name = rng.choice(MODELS)
        kind = rng.choice([ONE, ROWS, ROWS, QUERY])
        value = self.some(scope, Type(kind, name), depth)
        if kind == QUERY and ".order_by(" not in value:
            value = f"{value}.order_by(None)"
        if kind == ONE:
            value = f"[{value}]"
        shown = self._shown(scope, name) if rng.random() < 0.3 else rng.choice(IN_TEMPLATES[name])
        text = rng.choice(_LOOPS)
        file, other = (f"{program.name}_{program.fresh('page')}.html" for _ in range(2))
        program.templates[file] = text.format(shown, IN_CONDITIONS[name], other)
        for word, inner in _OTHERS.items():
            if word in text or (word == "import" and "{% from" in text):
                program.templates[other] = inner.format(shown)
        needs(scope, "from flask import render_template, stream_template")
        return rng.choice([
            "render_template('{0}', xs={1})", "render_template('{0}', **{{'xs': {1}}})", "render_template(['no.html', '{0}'], xs={1})",
            "current_app.jinja_env.get_template('{0}').render(xs={1})", "''.join(stream_template('{0}', xs={1}))",
            "render_template('{0}', xs={1}).split()",
        ]).format(file, value)  # fmt: skip

    e_template2 = e_template

    def _shown(self, scope: Scope, name: str) -> str:
        """A filter, a test or a global function of the program's own, as a template says it."""
        rng, program, views = scope.rng, scope.program, scope.program.modules[0]
        named = program.fresh("own")
        kind, said = rng.choice([
            ("app_template_filter('{}')", "x|{}"), ("app_template_test('{}')", "x is {}"),
            ("app_template_global('{}')", "{}(x)"), ("app_template_filter()", "([x]|map('{}')|list)[0]"),
        ])  # fmt: skip
        shows = rng.choice([s for s in SHOWS[name] if not s.startswith(('f"', '"'))])
        text = function(named, "x", [f"return {shows.format('x')}"])
        views.definitions.append(f"\n@bp.{kind.format(named)}\n{text}\n")
        return said.format(named)
