"""Statements that change rows: what is there already, what another table says, in a common table expression, by the engine."""

from __future__ import annotations

from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.kinds import MODELS, model, needs
from tests.codemod.programs.text import SHOWN, Scope, Type
from tests.codemod.programs.visitors import Visitors

#: Lines, the last of which is an expression. {S} is a session, {E} the engine, {0} a name; models are said by their names.
_WRITTEN = (
    ("{0} = {{'sqlite': sqlite.insert, 'postgresql': postgresql.insert}}[{S}.get_bind().dialect.name]({Customer}).values([{{'id': 1, 'name': 'up'}}, {{'id': 9, 'name': 'in'}}])",
     "{0} = {0}.on_conflict_do_update(index_elements=['id'], set_={{'name': {0}.excluded.name + '!'}})", "{S}.execute({0})", "[str(c) for c in {S}.query({Customer}).order_by({Customer}.id)]"),
    ("{0} = {{'sqlite': sqlite.insert, 'postgresql': postgresql.insert}}[{S}.get_bind().dialect.name]({Order}).values(id=1, number='N1').on_conflict_do_nothing().returning({Order}.id)",
     "{S}.execute({0}).all() + [o.label for o in {S}.query({Order}).order_by({Order}.id)]"),
    ("{0} = {{'sqlite': sqlite.insert, 'postgresql': postgresql.insert}}[{S}.get_bind().dialect.name]({Tag}).values(id=1, name='up')",
     "{0} = {0}.on_conflict_do_update(index_elements=[{Tag}.id], set_=dict(name={0}.excluded.name), where={Tag}.id < 3).returning({Tag})",
     "[(t.called(), len(t.orders)) for t in {S}.scalars({0}, execution_options={{'populate_existing': True}})]"),
    ("{0} = select({Order}.customer_id, {Order}.number + 'c', {Order}.amount).where({Order}.amount > 25)", "{S}.execute(insert({Order}).from_select(['customer_id', 'number', 'amount'], {0}))", "[o.label for o in {S}.query({Order}).order_by({Order}.number)]"),
    ("{0} = select(func.count({Line}.id)).where({Line}.order_id == {Order}.id).scalar_subquery()", "{S}.execute(update({Order}).values(amount={0}), execution_options={{'synchronize_session': 'fetch'}})", "[(o.number, o.amount, o.customer.total()) for o in {S}.query({Order}).order_by({Order}.id)]"),
    ("{0} = select(func.max({Copy}.id)).where({Copy}.book_id == {Book}.id).correlate({Book}).scalar_subquery()", "{S}.query({Book}).update({{{Book}.width: {0}}}, synchronize_session=False)", "{S}.query({Book}.id, {Book}.width).order_by({Book}.id).all()[0][1]"),
    ("{0} = {S}.execute(update({Order}).where({Order}.customer_id == {Customer}.id, {Customer}.level > 1).values(status='of ' + {Customer}.name))", "[{0}.rowcount, [o.status for o in {S}.query({Order}).order_by({Order}.id)]]"),
    ("{0} = {S}.execute(delete({Line}).where({Line}.order_id.in_(select({Order}.id).where({Order}.status == 'paid')))).rowcount", "[{0}, [len(o.lines) for o in {S}.query({Order}).order_by({Order}.id)]]"),
    ("{0} = update({Stock}).values(left={Stock}.left - 1).returning({Stock}.id, {Stock}.left).cte('changed')", "sorted(tuple(row) for row in {S}.execute(select({0}.c.id, {0}.c.left)))"),
    ("{0} = delete({Line}).where({Line}.qty > 3).returning({Line}.order_id).cte()", "[o.number for o in {S}.scalars(select({Order}).join({0}, {0}.c.order_id == {Order}.id).order_by({Order}.id))]"),
    ("{0} = insert({Customer}).values(name='new').returning({Customer}.id).cte()", "{S}.execute(insert({Order}).from_select(['customer_id', 'number'], select({0}.c.id, literal('N77'))))", "[o.label for o in {S}.query({Order}).order_by({Order}.id)]"),
    ("{0} = select({Line}.sku, {Line}.qty).where({Line}.order_id == {Order}.id).order_by({Line}.qty.desc()).limit(1).lateral()", "[(o.label, sku) for o, sku in {S}.execute(select({Order}, {0}.c.sku).join({0}, true()).order_by({Order}.id))]"),
    ("{0} = exists().where({Line}.order_id == {Order}.id)", "[{S}.execute({0}.select()).scalar(), {S}.scalar(select(exists().where({Order}.amount > 999))), {S}.query({0}).scalar()]"),
    ("{0} = {S}.execute(insert({Tag}), [{{'name': 'x'}}, {{'name': 'y'}}])", "[{0}.rowcount, {S}.query({Tag}).count()]"),
    ("{0} = {S}.execute(insert({Tag}).values(name='z'))", "[{0}.inserted_primary_key[0], {0}.is_insert, {0}.returns_rows]"),
    ("{0} = {S}.scalars(insert({Tag}).returning({Tag}, sort_by_parameter_order=True), [{{'name': 'x'}}, {{'name': 'y'}}])", "[(t.called(), len(t.orders)) for t in {0}]"),
    ("{0} = {S}.execute(update({Order}).where({Order}.id == bindparam('key')), [{{'key': 1, 'status': 'a'}}, {{'key': 2, 'status': 'b'}}])", "[o.status for o in {S}.query({Order}).order_by({Order}.id)]"),
    ("{0} = {S}.connection().execute(update({Order}.__table__).where({Order}.__table__.c.id == bindparam('key')).values(status=bindparam('state')), [{{'key': 1, 'state': 'a'}}, {{'key': 2, 'state': 'b'}}])", "[{0}.rowcount, {S}.query({Order}).populate_existing().filter_by(id=1).one().status]"),
    ("{0} = {S}.execute(text('SELECT id, number AS n FROM \"order\" WHERE amount > :low ORDER BY id').bindparams(low=25))", "[dict(row._mapping) for row in {0}]"),
    ("{0} = text('SELECT id, number FROM \"order\" ORDER BY id').columns({Order}.id, {Order}.number)", "[o.label for o in {S}.scalars(select({Order}).from_statement({0}))]"),
    ("{0} = text('SELECT id, amount FROM \"order\"').columns(id=Integer, amount=Integer).subquery('raw')", "[(o.label, n) for o, n in {S}.execute(select({Order}, {0}.c.amount).join({0}, {0}.c.id == {Order}.id).order_by({Order}.id))]"),
    ("{0} = {S}.execute(select(func.coalesce(func.sum({Order}.amount), 0).filter({Order}.status == 'paid')))", "int({0}.scalar_one())"),
    ("{0} = {S}.query({Order}).filter(text('amount > :low')).params(low=25)", "[o.label for o in {0}.order_by(text('id'))]"),
    ("{0} = {S}.query({Order}, literal_column('amount * 2').label('twice')).order_by(desc('twice'))", "[(o.label, twice) for o, twice in {0}]"),
    ("{S}.query({Order}).filter_by(id=1).update({{'amount': 99}})", "{0} = {S}.query({Order}).execution_options(populate_existing=True).filter({Order}.id < 3)", "[(o.amount, o.customer.total()) for o in {0}.order_by({Order}.id)]"),
    ("{0} = {S}.scalars(select({Order}).order_by({Order}.id).with_for_update(nowait=True, of={Order}))", "[o.label for o in {0}]"),
    ("{0} = {S}.execute(select({Order}).order_by({Order}.id), execution_options={{'yield_per': 2}})", "[[row.Order.label for row in rows] for rows in {0}.partitions(2)]"),
    ("{0} = {S}.query({Order}).yield_per(2).order_by({Order}.id)", "[o.customer.name for o in {0}]"),
    ("{0} = {S}.query({Order}).enable_eagerloads(False).yield_per(1).enable_assertions(False)", "[o.number for o in {0}.order_by({Order}.id)]"),
    ("with {E}.connect() as {0}:", "    {0} = {0}.execute(select({Customer}.name).order_by({Customer}.id)).all()", "[tuple(row) for row in {0}]"),
    ("with {E}.begin() as {0}:", "    {0} = {0}.execute(text('SELECT count(*) FROM line')).scalar()", "{0}"),
    ("{S}.commit()", "with {E}.begin() as {0}:", "    {0}.execute(update({Customer}).where({Customer}.id == 1).values(name='core'))", "[str(c) for c in {S}.query({Customer}).order_by({Customer}.id)]"),
    ("{S}.commit()", "{0} = {E}.connect()", "{0}.execute({Tag}.__table__.insert(), [{{'name': 'k'}}])", "{0}.commit()", "{0}.close()", "{S}.query({Tag}).count()"),
    ("{0} = {E}.connect()", "{0} = [{0}.scalar(select(func.count()).select_from({Line})), {0}.close()]", "{0}[0]"),
    ("with {E}.connect() as {0}:", "    {0} = [row.name for row in {0}.execution_options(yield_per=2).execute(select({Customer}.name).order_by({Customer}.id))]", "{0}"),
    ("{0} = sa_inspect({E}).get_columns('line')", "sorted(found['name'] for found in {0})"),
    ("{0} = {S}.get_bind().dialect.name", "[{0}, {S}.bind is None, {S}.is_active]"),
    ("{0} = {S}.connection()", "[{0}.scalar(text('SELECT count(*) FROM line')), {0}.in_transaction(), {0}.exec_driver_sql('SELECT max(id) FROM line').scalar()]"),
    ("{0} = {S}.connection(execution_options={{'mark': 1}})", "[{0}.get_execution_options().get('mark'), {0}.execute(select({Order}.number).order_by({Order}.id)).scalars().all()]"),
)  # fmt: skip
_NEEDED = (
    "from sqlalchemy import Integer, bindparam, delete, desc, exists, func, insert, literal, literal_column, select, text, true, update",
    "from sqlalchemy import inspect as sa_inspect",
    "from sqlalchemy.dialects import postgresql, sqlite",
)
_OTHERS = ("Stock",)


class Writes(Visitors):
    """Each `s_` is a way."""

    def s_written(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a statement has changed, or what a connection says."""
        if type.kind != SHOWN:
            return None
        *lines, last = scope.rng.choice(_WRITTEN)
        for line in _NEEDED:
            needs(scope, line)
        name, session = scope.program.fresh("written"), scope.session()
        used = "".join([*lines, last])
        named = {m: model(scope, m) for m in (*MODELS, *_OTHERS) if f"{{{m}}}" in used}
        engine = self._engine(scope) if "{E}" in used else ""
        for line in lines:
            scope.emit(line.format(name, S=session, E=engine, **named))
        return last.format(name, S=session, E=engine, **named)

    s_written2 = s_written

    def _engine(self, scope: Scope) -> str:
        """How the module says the engine."""
        words, line = scope.rng.choice(HOMES[scope.program.flavour].engines)
        needs(scope, line)
        return words
