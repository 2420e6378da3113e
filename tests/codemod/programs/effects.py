"""What statements do to the session and its rows: commits, flushes, rollbacks, failures in the middle."""

from __future__ import annotations

from collections.abc import Callable

from tests.codemod.programs.changes import changed
from tests.codemod.programs.kinds import model, needs
from tests.codemod.programs.text import ONE, QUERY, ROWS, SCALAR, Scope, Type

#: An expression of a type, in a scope.
Some = Callable[[Scope, Type, int], str]


def effect(some: Some, scope: Scope, depth: int) -> None:
    """Writes what changes the session, some rows, or what has been loaded."""
    if scope.rng.random() < 0.3:
        changed(scope)
        return
    rng, session = scope.rng, scope.session()
    known = [n for n, t in scope.names.items() if t.kind == ONE]
    order = scope.rng.choice([n for n, t in scope.names.items() if t == Type(ONE, "Order")] or [""])
    fresh = scope.program.fresh("N")
    needs(
        scope,
        "from sqlalchemy.exc import IntegrityError, NoResultFound, MultipleResultsFound, InvalidRequestError",
    )
    needs(scope, "from sqlalchemy.orm.exc import StaleDataError")
    needs(scope, "from sqlalchemy import func, select, delete, update, text, exists")
    kind = rng.randrange(16)
    orders, customers, line = (model(scope, n) for n in ("Order", "Customer", "Line"))
    lines: list[str]
    if kind < 4:
        lines = [
            f"{session}.{rng.choice(['commit', 'commit', 'flush', 'expire_all', 'rollback'])}()"
        ]
    elif kind < 6 and known:
        one = rng.choice(known)
        lines = [f"{session}.{rng.choice(['expire', 'refresh', 'expire', 'add', 'merge'])}({one})"]
    elif kind < 7 and order:
        lines = [
            rng.choice(
                [
                    f"{order}.amount = {rng.randrange(90)}",
                    f"{order}.status = 'done'",
                    f"{order}.customer = {session}.get({customers}, 3)",
                    f"{order}.lines.append({line}(sku='{fresh}', qty=1))",
                    f"{order}.amount += 1",
                    f"{order}.tags = []",
                ]
            )
        ]
        if rng.random() < 0.5:
            lines.append(f"{session}.commit()")
    elif kind < 8:
        lines = [
            f"{session}.add({orders}(number='{fresh}', amount={rng.randrange(90)}, customer_id={rng.choice([1, 2])}))"
        ]
        if rng.random() < 0.6:
            lines.append(f"{session}.{rng.choice(['commit', 'flush'])}()")
    elif kind < 9:
        lines = [
            "try:",
            f"    {session}.add({orders}(number='N1', amount=1))",
            f"    {session}.{rng.choice(['commit', 'flush'])}()",
            "except IntegrityError:",
            f"    {session}.rollback()",
        ]
    elif kind < 10:
        lines = [
            "try:",
            f"    with {session}.begin_nested():",
            f"        {session}.add({orders}(number='{rng.choice(['N2', fresh])}', amount=1, customer_id=1))",
            "except IntegrityError as error:",
            "    str(error.orig)",
        ]
    elif kind < 11:
        lines = [rng.choice([
            f"{session}.query({orders}).filter({orders}.amount > 35).update({{'status': 'big'}})",
            f"{session}.query({orders}).filter_by(status='paid').update({{{orders}.amount: {orders}.amount + 1}}, synchronize_session='fetch')",
            f"{session}.query({line}).filter({line}.qty > 4).delete()", f"{session}.execute(update({customers}).values(level=5))",
            f"{session}.execute(delete({line}).where({line}.qty == 6))",
        ])]  # fmt: skip
        if rng.random() < 0.5:
            lines.append(f"{session}.commit()")
    elif kind < 12:
        lines = [
            "try:",
            f"    {session}.query({customers}).filter_by(name='nobody').one()",
            "except NoResultFound:",
            f"    {session}.{rng.choice(['commit', 'rollback', 'expire_all'])}()",
        ]
    elif kind < 13:
        lines = [f"{session}.delete({session}.get({orders}, {rng.choice([4, 5])}))"]
        if rng.random() < 0.5:
            lines.append(f"{session}.commit()")
    elif kind < 14:
        stock = model(scope, "Stock")
        lines = [
            f"stock = {session}.get({stock}, 1)",
            "stock.left -= 1",
            f"{session}.execute(text('UPDATE stock SET version = 9'))",
            "try:",
            f"    {session}.{rng.choice(['commit', 'flush'])}()",
            "except StaleDataError:",
            f"    {session}.rollback()",
        ]
    elif kind < 15:
        lines = [
            f"with {session}.no_autoflush:",
            f"    {session}.add({customers}(name='{fresh}', level=1))",
            f"    {some(scope, SCALAR, 0)}",
        ]
    else:
        rows = some(scope, Type(rng.choice([ROWS, QUERY]), "Order"), max(depth, 0))
        item = scope.program.fresh("x")
        lines = [
            f"for {item} in {rows}:",
            f"    {item}.{rng.choice(['amount += 1', 'customer.level += 1', 'status = str(len(' + item + '.lines))'])}",
        ]
        if rng.random() < 0.5:
            lines.append(
                f"{'    ' if rng.random() < 0.3 and ' in ' + rows else ''}{session}.commit()"
            )
    for text in lines:
        scope.emit(text)
