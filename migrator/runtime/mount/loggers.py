"""Loggers of the converted package do what was set for those of the legacy one.

Handlers, levels and filters are set by name (`logging.getLogger("shop")`, `dictConfig`), and so for the
legacy package alone: what `shop_async.orders` logs would go past them, or nowhere. Each logger of the
legacy package is the parent of its counterpart, unless that has settings of its own.
https://docs.python.org/3/library/logging.html#logging.Logger.propagate
"""

from __future__ import annotations

import logging


def follow_loggers(legacy: str, target: str) -> None:
    """`legacy` and `target` are the import names of the two applications."""
    known = logging.root.manager.loggerDict
    for name in [n for n in known if n.startswith("migrator.")]:
        # `dictConfig` switches off whatever is there already and not named: what we warn of, too.
        logging.getLogger(name).disabled = False
    old, new = (name.partition(".")[0] for name in (legacy, target))
    if old == new or "__main__" in (old, new):
        return
    # Those above come first: a logger that is made becomes the parent of what is below it.
    for name, logger in sorted(known.items(), key=lambda item: item[0]):
        if isinstance(logger, logging.Logger) and f"{name}.".startswith(f"{old}."):
            twin = logging.getLogger(new + name[len(old) :])
            if twin.handlers or twin.level or not twin.propagate:
                continue
            twin.parent = logger
            twin.disabled = logger.disabled
            twin.setLevel(twin.level)  # what loggers remember of their parents' levels is forgotten
