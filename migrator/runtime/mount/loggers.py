"""What is set for the legacy package's loggers holds for those of the converted one.

Levels, handlers and filters are set by name (`logging.getLogger("shop")`, `dictConfig`, an INI file), and
so for the legacy package alone: what `shop_async.orders` logs would go past them, or nowhere. They are
copied once, when the two are mounted. A handler or filter whose class is one package's own stays with
that package: it may ask the database of its side.
https://docs.python.org/3/library/logging.html#logger-objects
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from flask.logging import default_handler as flasks_handler

from migrator.runtime.compat.logs import default_handler as our_handler
from migrator.runtime.told import get_logger

log = get_logger("migrator.mount")


def share_settings(legacy: str, target: str) -> None:
    """`legacy` and `target` are the import names of the two applications."""
    old, new = (name.partition(".")[0] for name in (legacy, target))
    if old == new or "__main__" in (old, new):
        return
    known = list(logging.root.manager.loggerDict.items())
    for name, logger in known:
        if isinstance(logger, logging.Logger) and f"{name}.".startswith(f"{old}."):
            _copy(logger, logging.getLogger(new + name[len(old) :]), old, new)


def _copy(logger: logging.Logger, twin: logging.Logger, old: str, new: str) -> None:
    # `dictConfig` switches off what is there already and what it doesn't name: both packages run it.
    logger.disabled = twin.disabled = logger.disabled and twin.disabled
    if not twin.level:
        twin.setLevel(logger.level)
    twin.propagate = twin.propagate and logger.propagate
    for handler in [h for h in logger.handlers if _is_of(h, new)]:
        # The converted code has set it, by the name that it shares with the legacy code.
        logger.removeHandler(handler)
        twin.addHandler(handler)
    shared = [h for h in logger.handlers if h not in twin.handlers and not _is_of(h, old)]
    if flasks_handler not in logger.handlers and (set(logger.handlers) - set(twin.handlers)):
        # What an application adds only where nothing else would show its records.
        for handler in (flasks_handler, our_handler):
            twin.removeHandler(handler)
    for handler in shared:
        if handler is not flasks_handler or our_handler not in twin.handlers:
            twin.addHandler(handler)
    for rule in logger.filters:
        if not any(_is_from(part, old) or _is_from(part, new) for part in _whose(rule)):
            twin.addFilter(rule)
    kept = {type(h).__qualname__ for h in logger.handlers if _is_of(h, old)}
    if kept - {type(h).__qualname__ for h in twin.handlers}:
        log.warning(
            "The logger %r has handlers of the legacy package's own (%s), the logger %r has none of them:"
            " add those of the converted package to it.",
            logger.name,
            ", ".join(sorted(kept)),
            twin.name,
        )


def _is_of(handler: logging.Handler, package: str) -> bool:
    """Whether code of the package would run for a record, but for a formatter's."""
    inner = getattr(handler, "target", None)
    parts: Iterable[Any] = (handler, *handler.filters, *([] if inner is None else [inner]))
    return any(_is_from(part, package) for each in parts for part in _whose(each))


def _whose(part: Any) -> tuple[Any, ...]:
    """What says by its module whose it is: a function, an object's class and its bases."""
    return (part,) if hasattr(part, "__code__") else type(part).__mro__


def _is_from(part: Any, package: str) -> bool:
    return str(getattr(part, "__module__", "")).partition(".")[0] == package
