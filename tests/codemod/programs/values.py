"""Expressions by what they give: queries, rows, objects, numbers and texts."""

from __future__ import annotations

from collections.abc import Callable

from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.kinds import (
    COLUMNS,
    CONDITIONS,
    IN_TEMPLATES,
    KEYS,
    MANY,
    MODELS,
    QUERIED,
    SHOWS,
    TO_ONE,
    model,
    needs,
)
from tests.codemod.programs.refinements import refined
from tests.codemod.programs.text import ONE, QUERY, ROWS, SELECT, Scope, Type

Maker = Callable[["Values", Scope, Type, int], "str | None"]


class Values:
    """Makes expressions; carriers (another module) take what these give to another place."""

    def __init__(self, carry: Callable[[Scope, Type, int], str | None]) -> None:
        self._carry = carry

    def some(self, scope: Scope, type: Type, depth: int) -> str:
        """An expression of the type, in the scope."""
        scope.program.left -= 1
        if scope.program.left < 0:
            depth = 0
        known = scope.known(type)
        if known and scope.rng.random() < 0.35:
            return scope.rng.choice(known)
        if depth > 0 and scope.rng.random() < 0.62:
            carried = self._carry(scope, type, depth - 1)
            if carried is not None:
                return carried
        for _ in range(20):
            made = getattr(self, type.kind)(scope, type, depth - 1)
            if made is not None:
                return str(made)
        raise AssertionError(type)

    # -- queries ---------------------------------------------------------------------------------

    def query(self, scope: Scope, type: Type, depth: int) -> str | None:
        rng, name = scope.rng, type.of
        if depth > 0 and rng.random() < 0.5:
            inner = self.some(scope, type, depth)
            return refined(scope, inner, name, "query")
        if name == "Visit" and depth > 0 and rng.random() < 0.4:
            owner = self.some(scope, Type(ONE, "Customer"), depth)
            return f"{owner}.visits"
        found = model(scope, name)
        if name in QUERIED and HOMES[scope.program.flavour].queried and rng.random() < 0.5:
            return f"{found}.query"
        return f"{scope.session()}.query({found})"

    def select(self, scope: Scope, type: Type, depth: int) -> str | None:
        needs(scope, "from sqlalchemy import func, select, delete, update, text, exists")
        found = model(scope, type.of)
        if depth > 0 and scope.rng.random() < 0.5:
            return refined(scope, self.some(scope, type, depth), type.of, "select")
        return f"select({found})"

    # -- rows ------------------------------------------------------------------------------------

    def rows(self, scope: Scope, type: Type, depth: int) -> str | None:
        rng, name = scope.rng, type.of
        found = model(scope, name)
        kind = rng.randrange(15)
        if kind < 5 or depth <= 0:
            query = self.some(scope, Type(QUERY, name), depth)
            ordered = query if ".order_by(" in query else f"{query}.order_by({found}.id)"
            return rng.choice([
                f"{ordered}.all()", f"{ordered}.all()", f"{ordered}.all()", f"list({ordered})",
                f"[row for row in {ordered}]", f"{ordered}.limit(3).all()", f"{ordered}[0:2]", f"[*{ordered}]",
                f"list({ordered}.yield_per(10))", f"list(iter({ordered}))", f"{ordered}.offset(1).all()",
            ])  # fmt: skip
        if kind < 7:
            select = self.some(scope, Type(SELECT, name), depth)
            session = scope.session()
            ordered = select if ".order_by(" in select else f"{select}.order_by({found}.id)"
            return rng.choice([
                f"{session}.scalars({ordered}).unique().all()", f"{session}.execute({ordered}).unique().scalars().all()",
                f"[row[0] for row in {session}.execute({ordered}).unique()]", f"list({session}.scalars({ordered}).unique())",
            ])  # fmt: skip
        if kind < 9:
            owners = [(o, r) for o, rs in MANY.items() for r, to in rs.items() if to == name]
            if not owners:
                return None
            owner, relation = rng.choice(owners)
            if rng.random() < 0.3:
                return f"[x for o in {self.some(scope, Type(ROWS, owner), depth)} for x in o.{relation}]"
            return f"{self.some(scope, Type(ONE, owner), depth)}.{relation}"
        rows = self.some(scope, type, depth)
        key = rng.choice(KEYS[name])
        if "attrgetter" in key:
            needs(scope, "from operator import attrgetter")
        if key == "None" and name != "Order":
            return None
        key = key.format(scope.program.fresh("k"))
        item = scope.program.fresh("i")
        condition = rng.choice(CONDITIONS[name]).replace("{}", item)
        return rng.choice([
            f"sorted({rows}, key={key})", f"sorted({rows}, key={key}, reverse=True)",
            f"[{item} for {item} in {rows} if {condition}]", f"list(filter(lambda {item}: {condition}, {rows}))",
            f"list(reversed({rows}))", f"list({item} for {item} in {rows} if {condition})",
            f"({rows} + [])", f"{rows}[:]",
        ])  # fmt: skip

    # -- objects ---------------------------------------------------------------------------------

    def one(self, scope: Scope, type: Type, depth: int) -> str | None:
        rng, name = scope.rng, type.of
        found = model(scope, name)
        kind = rng.randrange(14)
        number = rng.choice([1, 2]) if name != "Call" else 2
        if kind < 3 or depth <= 0:
            plain = [f"{scope.session()}.get({found}, {number})"] * 2
            if name in QUERIED and HOMES[scope.program.flavour].queried:
                plain += [
                    f"{found}.query.get({number})",
                    f"{found}.query.filter_by(id={number}).first()",
                    f"{found}.query.filter_by(id={number}).one()",
                ]
                if HOMES[scope.program.flavour].extension:
                    plain += [
                        f"{found}.query.get_or_404({number})",
                        f"{found}.query.filter_by(id={number}).first_or_404()",
                    ]
            plain.append(
                f"{scope.session()}.query({found}).filter({found}.id == {number}).{rng.choice(['one', 'first', 'one_or_none', 'scalar'])}()"
            )
            return rng.choice(plain)
        if kind < 5:
            query = self.some(scope, Type(QUERY, name), depth)
            ordered = query if ".order_by(" in query else f"{query}.order_by({found}.id)"
            return rng.choice(
                [
                    f"{ordered}.first()",
                    f"{ordered}.limit(1).one()",
                    f"{ordered}[0]",
                    f"next(iter({ordered}))",
                    f"{ordered}.all()[-1]",
                ]
            )
        if kind < 6:
            select = self.some(scope, Type(SELECT, name), depth)
            ordered = select if ".order_by(" in select else f"{select}.order_by({found}.id)"
            return rng.choice(
                [
                    f"{scope.session()}.scalars({ordered}).first()",
                    f"{scope.session()}.execute({ordered}).scalars().first()",
                    f"{scope.session()}.scalar({ordered}.limit(1))",
                ]
            )
        if kind < 9:
            owners = [(o, r) for o, rs in TO_ONE.items() for r, to in rs.items() if to == name]
            if not owners:
                return None
            owner, relation = rng.choice(owners)
            return f"{self.some(scope, Type(ONE, owner), depth)}.{relation}"
        rows = self.some(scope, Type(ROWS, name), depth)
        key = rng.choice(KEYS[name])
        if "attrgetter" in key:
            needs(scope, "from operator import attrgetter")
        if key == "None":
            return None
        key = key.format(scope.program.fresh("k"))
        item = scope.program.fresh("i")
        condition = rng.choice(CONDITIONS[name]).replace("{}", item)
        return rng.choice([
            f"{rows}[0]", f"{rows}[-1]", f"max({rows}, key={key})", f"min({rows}, key={key})",
            f"next({item} for {item} in {rows} if {condition})", f"next(iter({rows}))",
            f"[*{rows}][0]", f"list({rows}).pop()",
        ])  # fmt: skip

    # -- numbers, texts and lists of them ----------------------------------------------------------

    def shown(self, scope: Scope, type: Type, depth: int) -> str | None:
        rng = scope.rng
        name = rng.choice(MODELS)
        kind = rng.randrange(12)
        if kind < 2 or depth <= 0:
            query = self.some(scope, Type(QUERY, name), depth)
            return self._counted(scope, query, name)
        if kind < 6:
            one = self.some(scope, Type(ONE, name), depth)
            return self.show(scope, one, name)
        item = scope.program.fresh("i")
        rows = self.some(scope, Type(ROWS, name), depth)
        show = self.show(scope, item, name)
        condition = rng.choice(CONDITIONS[name]).replace("{}", item)
        numbers, texts = COLUMNS[name]
        made = [
            f"[{show} for {item} in {rows}]", f"[{show} for {item} in {rows} if {condition}]",
            f"{{{item}.id: {show} for {item} in {rows}}}", f"sum({item}.{numbers[0]} for {item} in {rows})",
            f"','.join({item}.{texts[0]} for {item} in {rows})", f"list(map(lambda {item}: {show}, {rows}))",
            f"any({condition} for {item} in {rows})", f"all({condition} for {item} in {rows})",
            f"sorted(str({show}) for {item} in {rows})", f"len([{item} for {item} in {rows} if {condition}])",
            f"[(n, {show}) for n, {item} in enumerate({rows})]", f"dict(zip(({item}.id for {item} in {rows}), range(9)))",
            f"[*({show} for {item} in {rows})]", f"len({rows})", f"[str({item}) for {item} in map(lambda {item}: {show}, {rows})]",
        ]  # fmt: skip
        if rng.random() < 0.15:
            needs(scope, "from flask import render_template_string")
            attribute = next(words for words in IN_TEMPLATES[name] if "'" not in words)
            return f"render_template_string('{{% for x in xs %}}{{{{ {attribute} }}}} {{% endfor %}}', xs={rows})"
        return rng.choice(made)

    def _counted(self, scope: Scope, query: str, name: str) -> str:
        rng, found = scope.rng, model(scope, name)
        numbers, texts = COLUMNS[name]
        needs(scope, "from sqlalchemy import func, select, delete, update, text, exists")
        plain = query.replace(".order_by(None)", "")
        ordered = plain if ".order_by(" in plain else f"{plain}.order_by({found}.id)"
        text = rng.choice(texts)
        return rng.choice([
            f"{query}.count()", f"{query}.count() > 1", f"[n for n, in {ordered}.with_entities({found}.{text})]",
            f"[row.{text} for row in {ordered}.with_entities({found}.id, {found}.{text})]",
            f"{scope.session()}.query({query}.exists()).scalar()", f"{query}.order_by(None).with_entities(func.sum({found}.{numbers[0]})).scalar()",
            f"{scope.session()}.scalar(select(func.count()).select_from({found}))", f"{scope.session()}.query(func.max({found}.id)).scalar()",
            f"dict({scope.session()}.query({found}.id, {found}.{text}).order_by({found}.id).all())",
            f"[t for _, t in {scope.session()}.query({found}.id, {found}.{text}).order_by({found}.id)]",
            f"{scope.session()}.execute(select({found}.{text}).order_by({found}.id)).scalars().all()",
        ])  # fmt: skip

    def show(self, scope: Scope, one: str, name: str) -> str:
        choice = scope.rng.choice(SHOWS[name])
        if not one.isidentifier() and choice.startswith('f"'):
            return f"str({one})"
        return choice.format(one)
