"""What statements do to the library: objects and what hangs on them, many rows at once, with what comes back."""

from __future__ import annotations

from tests.codemod.programs import lab
from tests.codemod.programs.kinds import model, needs
from tests.codemod.programs.text import ONE, Scope

#: Of an object: {0} is it, {S} the session, {N} a new text; models are said by their names.
_OF_OBJECTS = {
    "Book": (
        "{0}.price = 6", "{0}.price += 1", "{0}.title = '{N}'", "{0}.name = '{N}'", "{0}.size = {Size}(3, 4)", "{0}.width = 7",
        "{0}.copies.append({Copy}(code='{N}'))", "{0}.copies.pop()", "{0}.copies = []", "{0}.copies[0].lent += 1", "del {0}.copies[:1]",
        "{0}.copies.insert(0, {Precious}(code='{N}', insured=5))", "{0}.writers.append({S}.get({Writer}, 3))", "{0}.writers.remove({0}.writers[0])",
        "{0}.credits.clear()", "{0}.shelf = {S}.get({Shelf}, 4)", "{0}.shelf.name += '!'", "{0}.shelf_id = 3", "{0}.blurb = 'new'",
        "{0}.shelf.parent = None", "{0}.roles[0]", "{S}.expire({0}, ['copies'])", "{S}.refresh({0}, ['price', 'shelf'])", "{S}.refresh({0}, with_for_update=True)",
        "{S}.expunge({0})", "{S}.merge({Book}(id={0}.id, title='{N}'))", "{0}.price = {Book}.price + 1", "{0}.copies[-1].book = None",
        "{0}.__init__(title='{N}', price=1)" , "setattr({0}, 'price', 2)", "{S}.add({0})", "{S}.delete({0})",
    ),
    "Shelf": (
        "{0}.children.append({Shelf}(name='{N}'))", "{0}.parent = {S}.get({Shelf}, 1)", "{0}.name = '{N}'", "{0}.books[0].price = 1",
        "{0}.books.append({Book}(title='{N}', price=2))", "{0}.children = []", "{S}.refresh({0})", "{0}.children.remove({0}.children[0])",
    ),
    "Copy": (
        "{0}.lent = 1", "{0}.book = {S}.get({Book}, 2)", "{0}.book.price = 2", "{0}.code += 'x'", "{S}.delete({0})", "{0}.book_id = 4",
        "{0}.kind = 'copy'", "{0}.book.copies.remove({0})", "{S}.refresh({0}, ['place'])",
    ),
    "Writer": (
        "{0}.books.append({S}.get({Book}, 4))", "{0}.prizes.add({Prize}(name='{N}', year=1960))", "{0}.credits[0].role = 'new'", "{0}.name = '{N}'",
        "{S}.execute({0}.prizes.delete().where({Prize}.year < 1935))", "{S}.execute({0}.prizes.update().values(name='all'))",
        "{S}.execute({0}.prizes.insert().values(name='{N}', year=3))", "{0}.born = None", "{S}.delete({0})",
        "{0}.prizes.remove({0}.prized()[0])", "{0}.credits.append({Credit}(book={S}.get({Book}, 3), role='{N}'))",
    ),
    "Prize": ("{0}.year += 1", "{0}.writer = {S}.get({Writer}, 3)", "{0}.writer.name = '{N}'", "{S}.delete({0})"),
    **lab.CHANGES,
}  # fmt: skip
_ANYWHERE = (
    *lab.ANYWHERE,
    "{S}.add({Book}(title='{N}', price=4, shelf_id=2))", "{S}.add({Book}(title='{N}', price=4, shelf={S}.get({Shelf}, 3), copies=[{Copy}(code='{N}')]))",
    "{S}.add({Book}(title='{N}', price=4))", "{S}.add({Book}(title='{N}', price=99, shelf_id=2))", "{S}.add({Precious}(code='{N}', book_id=1, guard_id=2))",
    "{S}.add({Shelf}(name='{N}', parent_id=1))", "{S}.add({Book}(title='{N}', shelf_id=2, writers=[{S}.get({Writer}, 1)]))",
    "{S}.delete({S}.get({Book}, 4))", "{S}.delete({S}.get({Shelf}, 4))", "{S}.delete({S}.get({Writer}, 3))", "{S}.delete({S}.get({Copy}, 2))",
    "{S}.query({Book}).filter({Book}.price > 4).delete()", "{S}.query({Copy}).filter_by(lent=1).delete(synchronize_session=False)",
    "{S}.query({Book}).filter({Book}.id < 3).update({{{Book}.price: {Book}.price + 1}})", "{S}.query({Book}).update({{'state': 'gone'}}, synchronize_session='fetch')",
    "{S}.query({Precious}).update({{'insured': 1}})", "{S}.query({Writer}).filter({Writer}.credits.any({Credit}.role == 'text')).update({{'born': 1}}, synchronize_session='fetch')",
    "{S}.execute(update({Book}).where({Book}.price < 8).values(price={Book}.price + 1))", "{S}.execute(update({Book}), [{{'id': 1, 'price': 2}}, {{'id': 2, 'price': 3}}])",
    "{S}.execute(delete({Copy}).where({Copy}.book_id == 1).execution_options(synchronize_session='fetch'))",
    "{S}.scalars(update({Book}).where({Book}.id > 2).values(state='seen').returning({Book})).all()",
    "{S}.execute(update({Book}).where({Book}.id == 1).values(title='{N}').returning({Book}.id, {Book}.title)).one()",
    "{S}.scalars(delete({Prize}).where({Prize}.year < 1945).returning({Prize}.id)).all()",
    "{S}.scalars(insert({Prize}).returning({Prize}), [{{'name': '{N}', 'year': 1, 'writer_id': 1}}, {{'name': '{N}', 'year': 2, 'writer_id': 2}}]).all()",
    "{S}.execute(insert({Writer}), [{{'name': '{N}', 'born': 5}}])", "{S}.execute(insert({Book}).values(title='{N}', price=1, shelf_id=1))",
    "{S}.execute(insert({Prize}).from_select(['name', 'writer_id'], select({Writer}.name, {Writer}.id)))",
    "{S}.bulk_save_objects([{Prize}(name='{N}', writer_id=1), {S}.get({Prize}, 1)])", "{S}.bulk_insert_mappings({Prize}, [{{'name': '{N}', 'year': 9}}])",
    "{S}.bulk_update_mappings({Book}, [{{'id': 1, 'price': 8}}])", "{S}.merge({Book}(id=1, title='{N}', price=1, shelf_id=2))",
    "{S}.merge({Shelf}(id=2, name='{N}', books=[]))", "{S}.add_all([{Credit}(book_id=4, writer_id=1, role='{N}'), {Writer}(name='{N}')])",
    "{S}.get({Book}, 1, populate_existing=True)", "{S}.get({Book}, 2, with_for_update=True)", "{S}.expunge_all()", "{S}.execute(text('UPDATE book SET price = 55'))",
    "{S}.get({Book}, 3, options=[undefer({Book}.summary)])", "{S}.begin_nested()", "{S}.connection().execute(text(\"UPDATE shelf SET name = 'raw'\"))",
)  # fmt: skip
_AFTER = ("{S}.commit()", "{S}.commit()", "{S}.flush()", "{S}.rollback()", "{S}.expire_all()")
_ERRORS = (
    "IntegrityError, InvalidRequestError, ValueError, LookupError, AttributeError, StaleDataError"
)


def changed(scope: Scope) -> None:
    """Writes a statement, and what comes after it; or both with what is done when one of them fails."""
    rng = scope.rng
    found = [(n, t.of) for n, t in scope.names.items() if t.kind == ONE and t.of in _OF_OBJECTS]
    one, kind = rng.choice(found) if found else ("", "")
    fresh, session = scope.program.fresh("N"), scope.session()
    lines = [rng.choice(_OF_OBJECTS[kind] if one and rng.random() < 0.7 else _ANYWHERE)]
    if rng.random() < 0.6:
        lines.append(rng.choice(_AFTER))
    if rng.random() < 0.5:
        end = rng.choice(["{S}.rollback()", "{S}.rollback()", "raise"])
        lines = ["try:", *(f"    {line}" for line in lines), f"except ({_ERRORS}):", f"    {end}"]
    models = (*_OF_OBJECTS, "Credit", "Precious", "Size", *lab.OTHERS)
    for line in lines:
        others = {m: model(scope, m) for m in models if f"{{{m}}}" in line}
        scope.emit(line.format(one, S=session, N=fresh, **others))
    needs(scope, "from sqlalchemy import func, insert, select, delete, update, text, exists")
    needs(scope, "from sqlalchemy.orm import undefer")
    needs(
        scope,
        "from sqlalchemy.exc import IntegrityError, NoResultFound, MultipleResultsFound, InvalidRequestError",
    )
    needs(scope, "from sqlalchemy.orm.exc import StaleDataError")
