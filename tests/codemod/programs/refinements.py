"""What makes another query of a query, by its model: conditions, joins, orders, and how relatives are loaded."""

from __future__ import annotations

from tests.codemod.programs import lab
from tests.codemod.programs.kinds import COLUMNS, MANY, TO_ONE, model, needs
from tests.codemod.programs.library import PROXIES
from tests.codemod.programs.text import Scope

#: Of a model: {0} is the query, {1} the model, and other models are said by their names.
_OF_MODELS = {
    "Customer": ("{0}.filter({1}.orders.any())",),
    "Order": (
        "{0}.join({1}.customer).filter({Customer}.level > 0)",
        "{0}.filter({1}.customer.has(level=3))",
        "{0}.filter({1}.big)",
        "{0}.options(undefer({1}.note))",
    ),
    "Shelf": (
        "{0}.filter({1}.parent.has({1}.name != 'zz'))", "{0}.options(selectinload({1}.books).joinedload({Book}.copies))",
        "{0}.options(joinedload({1}.children).selectinload({1}.books))", "{0}.options(selectinload({1}.children, recursion_depth=-1))",
        "{0}.join({1}.books).filter({Book}.price > 3)", "{0}.outerjoin({1}.books).options(contains_eager({1}.books))",
        "{0}.options(joinedload({1}.parent).raiseload('*'))",
    ),
    "Book": (
        "{0}.filter({1}.worth > 1)", "{0}.filter({1}.count_of_copies > 0)", "{0}.filter({1}.writers.any(name='eva'))", "{0}.filter({1}.name != 'zz')",
        "{0}.options(undefer_group('texts'))", "{0}.options(undefer({1}.summary), defer({1}.price))", "{0}.options(load_only({1}.title))",
        "{0}.options(joinedload({1}.credits).joinedload({Credit}.writer))", "{0}.options(selectinload({1}.copies.and_({Copy}.lent == 0)))",
        "{0}.options(with_loader_criteria({Copy}, {Copy}.lent == 0))", "{0}.options(lazyload({1}.shelf), lazyload({1}.copies))",
        "{0}.options(raiseload({1}.free))", "{0}.options(joinedload({1}.shelf).joinedload({Shelf}.parent))", "{0}.options(defaultload({1}.shelf).load_only({Shelf}.name))",
        "{0}.join({1}.copies).options(contains_eager({1}.copies)).filter({Copy}.lent == 0)", "{0}.join({1}.shelf).filter({Shelf}.name != 'law')",
        "{0}.filter({1}.copies.of_type({Precious}).any({Precious}.insured > 1))", "{0}.options(subqueryload({1}.credits), noload({1}.copies))",
        "{0}.with_for_update()", "{0}.filter({1}.id.in_(select({Credit}.book_id)))", "{0}.filter(exists().where({Copy}.book_id == {1}.id))",
        "{0}.filter({1}.size != None)", "{0}.options(selectinload({1}.copies.of_type({Precious})).selectinload({Precious}.guard))",
    ),
    "Copy": (
        "{0}.filter({1}.book.has({Book}.price > 1))", "{0}.options(joinedload({1}.strict))", "{0}.options(raiseload('*'))", "{0}.options(selectinload({1}.book).selectinload({Book}.credits))", "{0}.join({1}.book).options(contains_eager({1}.book))",
        "{0}.filter({1}.kind == 'precious')", "{0}.options(joinedload({1}.book).undefer_group('texts'))",
    ),
    "Writer": (
        "{0}.options(undefer({1}.latest))", "{0}.filter({1}.credits.any({Credit}.role == 'text'))", "{0}.options(selectinload({1}.credits).joinedload({Credit}.book))",
        "{0}.filter({1}.titles.contains('B1'))", "{0}.filter({1}.latest > 1900)",
        "{0}.options(joinedload({1}.credits).joinedload({Credit}.book).selectinload({Book}.free))",
    ),
    "Prize": ("{0}.options(joinedload({1}.writer).undefer({Writer}.latest))", "{0}.join({1}.writer).filter({Writer}.born > 1)", "{0}.options(lazyload({1}.writer))"),
    **lab.REFINEMENTS,
}  # fmt: skip
_LOADERS = "from sqlalchemy.orm import contains_eager, defaultload, defer, joinedload, lazyload, load_only, noload, raiseload, selectinload, subqueryload, undefer, undefer_group, selectin_polymorphic, with_expression, with_loader_criteria"


def refined(scope: Scope, query: str, name: str, kind: str) -> str:
    """The words of a query with one call more; `kind` says whether it is a `query` or a `select`."""
    rng = scope.rng
    numbers, texts = COLUMNS[name]
    number, text = rng.choice(numbers), rng.choice(texts)
    order = f".order_by({{1}}.{text}.desc(), {{1}}.id)"
    made = [
        f"{{0}}.filter({{1}}.{number} > {rng.randrange(2)})",
        f"{{0}}.filter({{1}}.{text} != 'zz', {{1}}.{number} < 90)",
        "{0}.filter({1}.id.in_([1, 2, 3, 4]))",
        f"{{0}}.filter_by(id={rng.choice([1, 2]) if name != 'Call' else 2})",
        "{0}.order_by(None)" if ".order_by(" in query else "{0}" + order,
        "{0}.distinct()",
        "{0}.execution_options(made=1)",
        "{0}.execution_options(populate_existing=True)",
        *_OF_MODELS.get(name, ()),
    ]
    if kind == "query":
        made += ["{0}.populate_existing()", "{0}.enable_eagerloads(False)"]
    for relation in (*MANY.get(name, ()), *TO_ONE.get(name, ())):
        loader = rng.choice(["joinedload", "selectinload", "lazyload"])
        made.append(
            f"{{0}}.options({loader}({{1}}.{PROXIES.get(name, {}).get(relation, relation)}))"
        )
    chosen = rng.choice(made)
    others = [
        other for other in (*COLUMNS, "Credit", "Precious", *lab.OTHERS) if f"{{{other}}}" in chosen
    ]
    needs(scope, _LOADERS)
    needs(scope, "from sqlalchemy import func, select, delete, update, text, exists")
    if kind == "select":
        chosen = chosen.replace(".filter(", ".where(")
    return chosen.format(query, model(scope, name), **{o: model(scope, o) for o in others})
