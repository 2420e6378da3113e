"""Statements of more than one table: common table expressions, windows, aliases, unions, values, what is locked or streamed."""

from __future__ import annotations

from tests.codemod.programs.kinds import MODELS, model, needs
from tests.codemod.programs.savepoints import Savepoints
from tests.codemod.programs.text import ONE, ROWS, SELECT, SHOWN, Scope, Type

#: Lines, the last of which is an expression. {S} is a session, {0} a name; models are said by their names.
_SHOWN = (
    ("{0} = select({Order}.customer_id, func.sum({Order}.amount).label('total')).group_by({Order}.customer_id).cte('totals')",
     "[(c.name, t) for c, t in {S}.execute(select({Customer}, {0}.c.total).join({0}, {0}.c.customer_id == {Customer}.id).order_by({Customer}.id))]"),
    ("{0} = {S}.query({Order}.customer_id, func.count().label('n')).group_by({Order}.customer_id).subquery()",
     "[(c.name, len(c.orders), n) for c, n in {S}.query({Customer}, {0}.c.n).outerjoin({0}, {0}.c.customer_id == {Customer}.id).order_by({Customer}.id)]"),
    ("{0} = select({Shelf}.id, {Shelf}.name).where({Shelf}.parent_id.is_(None)).cte('below', recursive=True)",
     "{0} = {0}.union_all(select({Shelf}.id, {0}.c.name + '/' + {Shelf}.name).join({0}, {Shelf}.parent_id == {0}.c.id))",
     "{S}.scalars(select({0}.c.name).order_by({0}.c.name)).all()"),
    ("{0} = {S}.query({Shelf}.id).filter({Shelf}.id == 1).cte(recursive=True)",
     "{0} = {0}.union({S}.query({Shelf}.id).filter({Shelf}.parent_id == {0}.c.id))",
     "[s.path for s in {S}.query({Shelf}).join({0}, {0}.c.id == {Shelf}.id).order_by({Shelf}.id)]"),
    ("{0} = func.row_number().over(partition_by={Order}.customer_id, order_by={Order}.amount.desc()).label('place')",
     "[(o.label, place) for o, place in {S}.query({Order}, {0}).order_by({Order}.id)]"),
    ("{0} = select({Order}, func.rank().over(order_by={Order}.amount.desc()).label('place')).subquery()",
     "[(o.customer.name, n) for o, n in {S}.execute(select(aliased({Order}, {0}), {0}.c.place).order_by({0}.c.place))]"),
    ("{0} = aliased({Order})", "[(a.number, b.label) for a, b in {S}.query({Order}, {0}).filter({Order}.amount > {0}.amount).order_by({Order}.id, {0}.id)]"),
    ("{0} = aliased({Shelf}, name='above')", "[(s.path, p.name) for s, p in {S}.query({Shelf}, {0}).join({0}, {Shelf}.parent).order_by({Shelf}.id)]"),
    ("{0} = aliased({Shelf})", "[s.below() for s in {S}.scalars(select({Shelf}).join({Shelf}.parent.of_type({0})).where({0}.name == 'top').order_by({Shelf}.id))]"),
    ("{0} = {S}.query({Customer}.name).union({S}.query({Tag}.name))", "sorted(n for n, in {0})"),
    ("{0} = union_all(select({Customer}.name), select({Writer}.name))", "sorted({S}.scalars({0}))"),
    ("{0} = select({Customer}.name).union(select({Tag}.name)).subquery()", "{S}.scalar(select(func.count()).select_from({0}))"),
    ("{0} = values(column('id', Integer), column('word', String), name='given').data([(1, 'one'), (2, 'two')]).cte()",
     "[(o.label, word) for o, word in {S}.execute(select({Order}, {0}.c.word).join({0}, {0}.c.id == {Order}.id).order_by({Order}.id))]"),
    ("{0} = exists().where({Line}.order_id == {Order}.id, {Line}.qty > 4)", "[(o.number, o.customer.name) for o in {S}.query({Order}).filter({0}).order_by({Order}.id)]"),
    ("{0} = {S}.query({Line}).filter({Line}.order_id == {Order}.id).exists()", "[o.label for o in {S}.query({Order}).filter(~{0}).order_by({Order}.id)]"),
    ("{0} = case(({Order}.amount > 30, 'big'), else_='small')", "[[size, o.label] for size, o in {S}.query({0}, {Order}).order_by({Order}.id)]"),
    ("{0} = {S}.query({Book}, {Copy}).join({Copy}, {Copy}.book_id == {Book}.id).order_by({Copy}.id)", "[(b.label, c.called()) for b, c in {0}]"),
    ("{0} = {S}.query({Book}).options(load_only({Book}.title)).populate_existing().order_by({Book}.id)", "[(b.title, b.price, b.shelf.path) for b in {0}]"),
    ("{0} = Bundle('told', {Book}.title, {Shelf}.name)", "[[row.told.title, row.told.name] for row in {S}.query({0}).join({Book}.shelf).order_by({Book}.id)]"),
    ("{0} = with_polymorphic({Visit}, [{Call}])", "[(v.place, v.customer.name) for v in {S}.query({0}).filter(or_({0}.Call.phone == '22', {0}.kind == 'visit')).order_by({0}.id)]"),
    ("{0} = with_polymorphic({Visit}, '*', flat=True)", "[(v.place, getattr(v, 'phone', '-')) for v in {S}.scalars(select({0}).order_by({0}.id))]"),
    ("{0} = select({Visit}).options(selectin_polymorphic({Visit}, [{Call}])).order_by({Visit}.id)", "[getattr(v, 'phone', '-') + v.customer.name for v in {S}.scalars({0})]"),
    ("{0} = {S}.execute(select({Order}).execution_options(yield_per=2).order_by({Order}.id))", "[o.number for rows in {0}.scalars().partitions() for o in rows]"),
    ("{0} = {S}.scalars(select({Order}).order_by({Order}.id), execution_options={{'stream_results': True}})", "[o.label for o in {0}]"),
    ("{0} = {S}.execute(select({Order}.id, {Order}.number).order_by({Order}.id)).mappings()", "[dict(row) for row in {0}]"),
    ("{0} = {S}.execute(select({Order}.id, {Order}.number).order_by({Order}.id))", "[{0}.keys() and {0}.first()[1]]"),
    ("{0} = {S}.execute(select({Customer}, {Order}).join({Customer}.orders).order_by({Order}.id)).unique()", "[(c.name, o.number, c.last.number) for c, o in {0}.tuples()]"),
    ("{0} = {S}.query({Customer}.name, func.count({Order}.id)).outerjoin({Customer}.orders).group_by({Customer}.id).having(func.count({Order}.id) > 0)", "dict({0}.order_by({Customer}.id).all())"),
    ("{0} = {S}.query({Order}).filter(tuple_({Order}.id, {Order}.status).in_([(1, 'new'), (2, 'paid')]))", "[o.label for o in {0}.order_by({Order}.id)]"),
    ("{0} = bindparam('low')", "[o.label for o in {S}.query({Order}).filter({Order}.amount > {0}).params(low=25).order_by({Order}.id)]"),
    ("{0} = bindparam('low')", "[o.label for o in {S}.scalars(select({Order}).where({Order}.amount > {0}).order_by({Order}.id), {{'low': 25}})]"),
    ("{0} = {S}.query({Order}).with_parent({S}.get({Customer}, 1)).order_by({Order}.id)", "[o.label for o in {0}]"),
    ("{0} = select({Book}.title).where(with_parent({S}.get({Shelf}, 2), {Shelf}.books)).order_by({Book}.id)", "{S}.scalars({0}).all()"),
    ("{0} = [{S}.get_one({Book}, 2), {S}.get({Credit}, (1, 2)), {S}.get({Credit}, {{'book_id': 2, 'writer_id': 2}})]", "[b.title for b in {0}]"),
    ("{0} = inspect({S}.get({Book}, 1))", "[sorted({0}.unloaded), {0}.persistent, {0}.identity]"),
    ("{0} = {S}.get({Book}, 2)", "[{S}.is_modified({0}), {0} in {S}, object_session({0}) is not None, len({S}.identity_map) > 0, bool({S}.dirty)]"),
)  # fmt: skip
#: Of a model {1}; {2} is a select of it, {3} another.
_ROWS = (
    "{S}.query({1}).from_statement({2}).all()", "{S}.scalars(select({1}).from_statement({2})).unique().all()",
    "{S}.query({1}).from_statement(text('SELECT * FROM \"{3}\" ORDER BY id')).all()", "{S}.query({1}).filter({1}.id < 3).union({S}.query({1}).filter({1}.id > 1)).order_by({1}.id).all()",
    "[row[0] for row in {S}.execute({2}).unique().all()]", "sorted({S}.query({1}).filter({1}.id.in_(select({1}.id))), key=lambda x: x.id)",
    "{S}.query(aliased({1}, name='a')).all()[:0] + {S}.query({1}).order_by({1}.id).all()", "{S}.scalars({2}.limit(2)).unique().all()",
    "[{S}.merge(x) for x in {S}.scalars({2}).unique()]", "{S}.query({1}).order_by({1}.id).with_for_update(skip_locked=True).all()",
    "{S}.scalars(select({1}).where({1}.id.in_({S}.query({1}.id).scalar_subquery())).order_by({1}.id)).unique().all()",
    "list({S}.execute({2}).unique().scalars())", "{S}.execute({2}).unique().scalars().fetchall()",
)  # fmt: skip
_ONES = (
    "{S}.execute({2}.limit(1)).unique().scalar_one()", "{S}.scalars({2}.limit(1)).unique().one_or_none()", "{S}.execute({2}).unique().first()[0]",
    "{S}.get_one({1}, 2)", "{S}.get({1}, 2, populate_existing=True)", "{S}.query({1}).filter_by(id=2).with_for_update().one()",
    "{S}.query({1}).get(2)", "{S}.scalars({2}).unique().first()", "{S}.execute({2}.limit(1)).unique().one_or_none()[0]" , "{S}.merge({S}.get({1}, 2))",
)  # fmt: skip
_NEEDED = (
    "from sqlalchemy import Integer, String, bindparam, case, column, exists, func, inspect, or_, select, text, tuple_, union_all, values",
    "from sqlalchemy.orm import Bundle, aliased, load_only, object_session, selectin_polymorphic, with_parent, with_polymorphic",
)
_OTHERS = ("Credit",)


class Statements(Savepoints):
    """Each `s_` and `e_` is a way."""

    def s_statement(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a statement says, which has a name on its way."""
        if type.kind != SHOWN:
            return None
        *lines, last = scope.rng.choice(_SHOWN)
        name, session = scope.program.fresh("stated"), scope.session()
        for line in lines:
            scope.emit(self._said(scope, line, session, name))
        return self._said(scope, last, session, name)

    s_statement2 = s_statement

    def e_rows_of_statement(self, scope: Scope, type: Type, depth: int) -> str | None:
        if type.kind not in (ROWS, ONE):
            return None
        found = model(scope, type.of)
        select = self.some(scope, Type(SELECT, type.of), depth - 1)
        ordered = select if ".order_by(" in select else f"{select}.order_by({found}.id)"
        text = scope.rng.choice(_ROWS if type.kind == ROWS else _ONES)
        return self._said(scope, text, scope.session(), "", found, ordered, type.of.lower())

    def _said(self, scope: Scope, text: str, session: str, *words: str) -> str:
        for line in _NEEDED:
            needs(scope, line)
        named = [m for m in (*MODELS, *_OTHERS) if f"{{{m}}}" in text]
        return text.format(*words, S=session, **{m: model(scope, m) for m in named})
