"""Models of a program's own, and what hears of them: events of mappers, attributes and sessions."""

from __future__ import annotations

from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.kinds import model, needs
from tests.codemod.programs.templates import Templates
from tests.codemod.programs.text import SHOWN, Scope, Type

_MODEL = """
class {0}(db.Model):
    __tablename__ = "{1}"
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(90))
    size = db.Column(db.Integer{2})
    order_id = db.Column(db.ForeignKey("order.id"))
    order = db.relationship("Order")
{3}"""
#: What a class of the program's own has besides.
_MEMBERS = (
    "",
    "",
    """
    @validates("text")
    def checked(self, key, value):
        return value + str({SESSION}.query({Order}).count())
""",
    """
    @property
    def owner(self):
        return self.order.customer.name

    def __init__(self, **given):
        super().__init__(**given)
        if self.order is not None:
            self.size = len(self.order.lines)
""",
    """
    skus = association_proxy("order", "lines")
""",
)
_DEFAULTS = ("", "", ", default=lambda: 7", ", default=counted{0}", ", default=given{0}")
#: Listeners; {0} is the class, {1} a number.
_LISTENERS = (
    "@event.listens_for({0}, 'before_insert')\ndef heard{1}(mapper, connection, target):\n    target.text += target.order.customer.name if target.order else '-'",
    "@event.listens_for({0}, 'before_insert')\ndef heard{1}(mapper, connection, target):\n    target.size = connection.execute(select(func.count()).select_from({Line})).scalar()",
    "@event.listens_for({0}, 'after_insert')\ndef heard{1}(mapper, connection, target):\n    connection.execute(update({Customer}).where({Customer}.id == 1).values(level=target.id + 30))",
    "@event.listens_for({0}, 'after_insert')\n@event.listens_for({0}, 'after_update')\ndef heard{1}(mapper, connection, target):\n    connection.execute({Line}.__table__.insert().values(sku=target.text[:9], qty=target.size or 0, order_id=1))",
    "@event.listens_for({0}, 'before_update')\ndef heard{1}(mapper, connection, target):\n    target.size = len(target.order.lines) if target.order else 0",
    "def heard{1}(mapper, connection, target):\n    target.size = object_session(target).query({Order}).count()\n\n\nevent.listen({0}, 'before_insert', heard{1})",
    "@event.listens_for({0}, 'load')\ndef heard{1}(target, context):\n    target.seen = target.id",
    "@event.listens_for({0}.text, 'set')\ndef heard{1}(target, value, old, initiator):\n    if target.order_id:\n        target.size = len({SESSION}.get({Order}, target.order_id).lines)",
    "@event.listens_for({0}.text, 'set', retval=True)\ndef heard{1}(target, value, old, initiator):\n    return value + str({SESSION}.query({Line}).count())",
    "@event.listens_for({0}.order, 'set')\ndef heard{1}(target, value, old, initiator):\n    target.text = value.label if value is not None else 'none'",
    "@event.listens_for({MAKER}, 'before_flush')\ndef heard{1}(session, context, instances):\n    for one in list(session.new):\n        if isinstance(one, {0}):\n            session.add({Line}(sku='heard', qty=1, order_id=one.order_id))",
    "@event.listens_for({MAKER}, 'before_flush')\ndef heard{1}(session, context, instances):\n    for one in session.new:\n        if isinstance(one, {0}):\n            one.text = str(getattr(session, 'actor_{NAME}', None))",
    "@event.listens_for({MAKER}, 'before_flush')\ndef heard{1}(session, context, instances):\n    for one in session.dirty:\n        if isinstance(one, {0}) and one.order is not None:\n            one.order.customer.level += 1",
    "@event.listens_for({MAKER}, 'after_flush')\ndef heard{1}(session, context):\n    found = [one for one in session.new if isinstance(one, {0})]\n    if found:\n        session.execute(update({Customer}).where({Customer}.id == 2).values(level=len(found) + 40))",
    "@event.listens_for({MAKER}, 'before_commit')\ndef heard{1}(session):\n    if any(isinstance(one, {0}) for one in session.new):\n        session.query({Line}).filter_by(sku='a').update({{'qty': 77}})",
    "@event.listens_for({MAKER}, 'after_commit')\ndef heard{1}(session):\n    session.info['committed'] = session.info.get('committed', 0) + 1",
    "@event.listens_for({MAKER}, 'do_orm_execute')\ndef heard{1}(state):\n    if state.is_select and not state.is_column_load and not state.is_relationship_load:\n        state.statement = state.statement.options(with_loader_criteria({0}, {0}.text != 'other', include_aliases=True))",
    "@event.listens_for({MAKER}, 'do_orm_execute')\ndef heard{1}(state):\n    if state.is_select:\n        state.statement = state.statement.options(with_loader_criteria({0}, lambda cls: cls.text != 'other'))",
    "@event.listens_for({MAKER}, 'do_orm_execute')\ndef heard{1}(state):\n    if state.is_update and state.bind_mapper is not None and state.bind_mapper.class_ is {0}:\n        state.session.info['updates'] = state.session.info.get('updates', 0) + 1",
    "@event.listens_for(Query, 'before_compile', retval=True)\ndef heard{1}(query):\n    for one in query.column_descriptions:\n        if one['entity'] is {0}:\n            query = query.enable_assertions(False).filter({0}.text != 'other')\n    return query",
    "@event.listens_for(Query, 'before_compile_update', retval=True)\ndef heard{1}(query, context):\n    for one in query.column_descriptions:\n        if one['entity'] is {0}:\n            context.values['size'] = 9\n    return query",
    "@event.listens_for({MAKER}, 'pending_to_persistent')\ndef heard{1}(session, target):\n    if isinstance(target, {0}):\n        session.info.setdefault('kept', []).append(target.id)",
    "@event.listens_for({MAKER}, 'after_soft_rollback')\ndef heard{1}(session, previous):\n    session.info['undone'] = session.info.get('undone', 0) + 1",
    "@event.listens_for({MAKER}, 'after_bulk_update')\ndef heard{1}(context):\n    if {0}.__tablename__ in str(context.query if hasattr(context, 'query') else ''):\n        context.session.query({Line}).filter_by(sku='a').update({{'qty': 66}})",
    "@event.listens_for({MAKER}, 'before_flush')\ndef heard{1}(session, context, instances):\n    for one in list(session.deleted):\n        if isinstance(one, {0}):\n            session.add(one)\n            one.text = 'hidden'",
    "@event.listens_for({0}, 'init')\ndef heard{1}(target, args, kwargs):\n    kwargs.setdefault('size', {SESSION}.query({Line}).count())",
    "@event.listens_for({0}, 'before_delete')\ndef heard{1}(mapper, connection, target):\n    connection.execute(update({Customer}).where({Customer}.id == 3).values(name=target.text))",
    "@event.listens_for({0}, 'after_delete')\ndef heard{1}(mapper, connection, target):\n    connection.execute({Line}.__table__.delete().where({Line}.sku == 'b'))",
)  # fmt: skip
#: What is done with one.
_DONE = (
    ["{3}.actor_{4} = 'ann'", "{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.commit()"],
    ["{3}().actor_{4} = 'bob'", "{3}.add({1}(order_id={2}))", "{3}.flush()", "{0} = {3}.query({1}).first()", "{3}.commit()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.commit()"],
    ["{0} = {1}(text='t', order={3}.get({Order}, {2}))", "{3}.add({0})", "{3}.flush()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.commit()", "{0}.text = 'changed'", "{3}.commit()"],
    ["{0} = {1}()", "{0}.order = {3}.query({Order}).filter_by(id={2}).one()", "{0}.text = 'late'", "{3}.add({0})", "{3}.commit()"],
    ["{3}.add({1}(text='t', order_id={2}))", "{3}.flush()", "{0} = {3}.query({1}).first()", "{0}.order.status = 'seen'", "{3}.commit()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.flush()", "{3}.delete({0})", "{3}.commit()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add_all([{0}, {1}(text='other')])", "{3}.commit()", "{0}.order_id = 3", "{3}.flush()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add_all([{0}, {1}(text='other', order_id=1)])", "{3}.flush()", "{3}.query({1}).filter({1}.text == 't').update({{'text': 'all'}})"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add_all([{0}, {1}(text='other')])", "{3}.commit()", "{3}.execute(update({1}).values(text='every'))"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.flush()", "with {3}.begin_nested() as point:", "    {0}.text = 'undone'", "    {3}.flush()", "    point.rollback()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.flush()", "{3}.query({1}).filter({1}.text == 'other').delete()", "{3}.expire_all()"],
    ["{0} = {1}(text='t', order_id={2})", "{3}.add({0})", "{3}.flush()", "{3}.execute({1}.__table__.insert().values(text='raw'))", "{3}.rollback()", "{3}.add({0})", "{3}.commit()"],
    ["{3}.bulk_save_objects([{1}(text='bulk', order_id={2}), {1}(text='other')])", "{0} = {3}.query({1}).order_by({1}.id).first()"],
)  # fmt: skip
_SHOWN = (
    "{0}.text", "{0}.size", "[{0}.text, {0}.size, {0}.order and {0}.order.label]", "[n.text for n in {2}.query({1}).order_by({1}.id)]",
    "[(n.size, n.order and n.order.customer.name) for n in {2}.query({1}).order_by({1}.id).all()]", "getattr({0}, 'seen', None)",
    "{2}.info", "{2}.query({1}).count()", "[n.text for n in {2}.scalars(select({1}).order_by({1}.id))]", "{2}.query(func.count({1}.id)).scalar()",
    "[n.text for o in {2}.query({Order}).order_by({Order}.id) for n in {2}.query({1}).with_parent(o).order_by({1}.id)]",
    "{2}.get({1}, 1) and {2}.get({1}, 1).text", "[a.text for a in {2}.query(aliased({1}))]",
    "{2}.scalars(select({1}.text).order_by({1}.id)).all()", "[n.owner for n in {2}.query({1}) if hasattr(n, 'owner')]",
    "[line.sku for n in {2}.query({1}).order_by({1}.id) for line in getattr(n, 'skus', None) or []]",
)  # fmt: skip


class Listeners(Templates):
    """Each `s_` is a way."""

    def s_noted(self, scope: Scope, type: Type, depth: int) -> str | None:
        """A row of a model that the program listens to."""
        if type.kind != SHOWN:
            return None
        rng, program = scope.rng, scope.program
        made = self.routine(scope)
        if made.parameters or made.home.level < scope.module.level:
            return None
        home = made.home
        name, number = program.fresh("Note"), program.fresh("")
        extension = HOMES[program.flavour].extension
        words = {
            "SESSION": made.scope.session(),
            "MAKER": "db.session" if extension else "Session",
            "NAME": program.name,
            **{word: model(made.scope, word) for word in ("Order", "Line", "Customer")},
        }
        if extension:
            home.imports["from PKG.models import db"] = None
        else:
            home.imports["from PKG.models import Base, Session"] = None
            home.imports["from sqlalchemy import Column, ForeignKey, Integer, String"] = None
            home.imports["from sqlalchemy.orm import relationship"] = None
        home.imports["from sqlalchemy import event, func, select, update"] = None
        home.imports[
            "from sqlalchemy.orm import Query, object_session, validates, with_loader_criteria"
        ] = None
        home.imports["from sqlalchemy.ext.associationproxy import association_proxy"] = None
        default = rng.choice(_DEFAULTS).format(number)
        if "counted" in default or "given" in default:
            home.definitions.append(
                f"\ndef counted{number}():\n    return {words['SESSION']}.query({words['Order']}).count()\n"
                f"\n\ndef given{number}(context):\n    return context.get_current_parameters()['order_id']\n"
            )
        members = rng.choice(_MEMBERS)
        text = _MODEL.format(
            name, f"{program.name}_{name.lower()}", default, _filled(members, words)
        )
        if not extension:
            text = text.replace("db.Model", "Base").replace("db.", "")
        home.definitions.append(text)
        for listener in rng.sample(_LISTENERS, rng.choice([1, 1, 2])):
            heard = _filled(listener, words).format(name, program.fresh(""))
            home.definitions.append(f"\n{heard}\n")
        called = program.refer(scope.module, home, name, scope)
        needs(scope, "from sqlalchemy import func, select, delete, update, text, exists")
        needs(scope, "from sqlalchemy.orm import aliased")
        one, session = program.fresh("note"), scope.session()
        order = model(scope, "Order")
        for line in rng.choice(_DONE):
            line = line.replace("{Order}", order)
            scope.emit(line.format(one, called, rng.choice([1, 2]), session, program.name))
        shown = rng.choice(_SHOWN).replace("{Order}", order)
        return str(shown.format(one, called, session))

    s_noted2 = s_noted3 = s_noted


def _filled(text: str, words: dict[str, str]) -> str:
    for word, said in words.items():
        text = text.replace("{" + word + "}", said)
    return text
