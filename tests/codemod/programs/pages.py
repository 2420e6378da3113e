"""Pages of Flask-SQLAlchemy, and what its extension finds or aborts: in code and in templates."""

from __future__ import annotations

from tests.codemod.programs.apart import Apart
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.kinds import IN_TEMPLATES, MODELS, QUERIED, SHOWS, model, needs
from tests.codemod.programs.text import ONE, QUERY, ROWS, SELECT, SHOWN, Scope, Type, function

#: Of a page {0}; {1} is an item, {2} how it is shown, {3} {1} of another page.
_SHOWN = (
    "[{2} for {1} in {0}.items]", "[{2} for {1} in {0}]", "[{0}.total, {0}.pages, {0}.page, {0}.per_page]", "[{0}.has_next, {0}.has_prev, {0}.next_num, {0}.prev_num]",
    "list({0}.iter_pages())", "[n or '..' for n in {0}.iter_pages(left_edge=1, right_edge=1, left_current=0, right_current=0)]",
    "[{2} for {1} in {0}.next().items]", "[{2} for {1} in {0}.prev(error_out=False).items]", "[{2} for {1} in {0}.next(error_out=False)]",
    "[{0}.first, {0}.last, len({0}.items)]", "{{'items': [{2} for {1} in {0}.items], 'total': {0}.total}}",
    "sorted(str({2}) for {1} in {0}.next(error_out=False).next(error_out=False).items)", "len(list({0}))",
)  # fmt: skip
_ASKED = ("page=1, per_page=2", "page=2, per_page=2", "per_page=1", "page=2, per_page=1, error_out=False", "", "page=1, per_page=2, count=False", "max_per_page=2", "page=9, per_page=2", "**{'page': 1, 'per_page': 2}")  # fmt: skip
#: {0} shows `x`.
_TEMPLATES = (
    "{{% for x in page.items %}}{{{{ {0} }}}} {{% endfor %}}{{{{ page.total }}}}",
    "{{% for x in page %}}{{{{ {0} }}}} {{% endfor %}}{{% for n in page.iter_pages() %}}{{{{ n or '..' }}}}{{% endfor %}}",
    "{{% if page.has_next %}}{{% for x in page.next().items %}}{{{{ {0} }}}} {{% endfor %}}{{% endif %}}",
    "{{{{ page.page }}}}/{{{{ page.pages }}}}{{% for x in page.prev(error_out=False).items %}}{{{{ {0} }}}}{{% else %}}none{{% endfor %}}",
    "{{% macro links(p) %}}{{% for n in p.iter_pages(right_edge=1) %}}[{{{{ n }}}}]{{% endfor %}}{{% endmacro %}}{{{{ links(page) }}}}{{% for x in page.items|reverse %}}{{{{ {0} }}}}{{% endfor %}}",
)  # fmt: skip


class Pages(Apart):
    """Each `e_` and `s_` is a way."""

    def s_page(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A page of a query or of a select."""
        if type.kind not in (SHOWN, ROWS) or not HOMES[scope.program.flavour].extension:
            return None
        rng = scope.rng
        name = type.of or rng.choice(MODELS)
        page, item = scope.program.fresh("page"), scope.program.fresh("i")
        scope.emit(f"{page} = {self._paged(scope, name, depth)}")
        if type.kind == ROWS:
            return rng.choice([f"{page}.items", f"list({page})", f"[{item} for {item} in {page}]"])
        if rng.random() < 0.4:
            return self._in_template(scope, page, name)
        shown = rng.choice([s for s in SHOWS[name] if not s.startswith('f"')]).format(item)
        return rng.choice(_SHOWN).format(page, item, shown)

    s_page2 = s_page

    def s_page_of_function(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A page that a function gives."""
        if type.kind != SHOWN or not HOMES[scope.program.flavour].extension:
            return None
        made = self.routine(scope)
        name, item = scope.rng.choice(MODELS), scope.program.fresh("i")
        paged = scope.program.fresh("paged")
        made.scope.emit(f"return {self._paged(made.scope, name, depth)}")
        made.home.definitions.append(f"\n{function(paged, made.heads(), made.scope.lines)}\n")
        page = scope.program.fresh("page")
        called = scope.program.refer(scope.module, made.home, paged, scope)
        scope.emit(f"{page} = {made.call(called)}")
        shown = scope.rng.choice([s for s in SHOWS[name] if not s.startswith('f"')]).format(item)
        return scope.rng.choice(_SHOWN).format(page, item, shown)

    def e_found_or_404(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What the extension's own methods find."""
        if type.of not in QUERIED or type.kind != ONE or not HOMES[scope.program.flavour].extension:
            return None
        needs(scope, "from PKG.models import db")
        found = model(scope, type.of)
        number = scope.rng.choice([1, 2, 2, 99]) if type.of != "Call" else 2
        select = self.some(scope, Type(SELECT, type.of), depth - 1)
        ordered = select if ".order_by(" in select else f"{select}.order_by({found}.id)"
        return scope.rng.choice([
            f"db.get_or_404({found}, {number})", f"db.first_or_404({ordered})", f"db.one_or_404({select}.filter_by(id={number}))",
            f"{found}.query.get_or_404({number}, description='none')", f"{found}.query.filter_by(id={number}).one_or_404()",
            f"db.session.query({found}).filter_by(id={number}).first_or_404('gone')",
        ])  # fmt: skip

    def _paged(self, scope: Scope, name: str, depth: int) -> str:
        found, asked = model(scope, name), scope.rng.choice(_ASKED)
        kind = scope.rng.choice([QUERY, QUERY, SELECT])
        asks = self.some(scope, Type(kind, name), depth - 1)
        ordered = asks if ".order_by(" in asks else f"{asks}.order_by({found}.id)"
        if kind == QUERY:
            return f"{ordered}.paginate({asked})"
        needs(scope, "from PKG.models import db")
        return f"db.paginate({ordered}{', ' if asked else ''}{asked})"

    def _in_template(self, scope: Scope, page: str, name: str) -> str:
        rng, program = scope.rng, scope.program
        file = f"{program.name}_{program.fresh('paged')}.html"
        program.templates[file] = rng.choice(_TEMPLATES).format(rng.choice(IN_TEMPLATES[name]))
        needs(scope, "from flask import render_template, stream_template")
        return f"render_template('{file}', page={page})"
