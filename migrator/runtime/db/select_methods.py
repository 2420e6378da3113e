"""`@select_method`: a method of a query class that works on a select, for both kinds of callers.

Native code calls it on the class, with a select: `await OrderQuery.get(select(Order), 3)`. Sync
code in the bridge, Flask-SQLAlchemy's helpers among it, calls it on a legacy query, as ever.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Query

from migrator.runtime.db.selects import as_select, whole_select
from migrator.runtime.db.shells import unbridged
from migrator.runtime.signatures import signature_of


def select_method(fn: Callable[..., Any], /) -> Callable[..., Any]:
    """`fn`, an `async def`, as a method of a query class.

    On a select it gives `fn`'s coroutine; on a legacy query what `fn` gives for its select, as
    `@unbridged` does. In the place of one of Query's own, it raises Unsupported for a query with more
    than criteria and loader options; else for one that is made `from_statement()`.
    """
    plain: Callable[..., Any] = unbridged(fn)
    made_of = as_select if hasattr(Query, fn.__name__) else whole_select

    def method(query: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(query, Query):
            return plain(made_of(query), *args, **kwargs)
        return fn(query, *args, **kwargs)

    made: Any = functools.update_wrapper(method, fn)
    # Whoever unwraps it would take it for the coroutine function that it isn't.
    del made.__wrapped__
    made.__signature__ = signature_of(fn)
    return method
