"""Loggers of the runtime: what they tell of stands for a wrong answer, so nobody switches them off by chance.

`dictConfig` and `fileConfig` disable each logger that is there already and that they don't name, unless
they are told otherwise (https://docs.python.org/3/library/logging.config.html#dictionary-schema-details).
A level or a filter, set by name, quiets these as well as any.
"""

from __future__ import annotations

import logging


class _Enabled(logging.Logger):
    @property
    def disabled(self) -> bool:
        return False

    @disabled.setter
    def disabled(self, value: bool) -> None:
        """Set by whoever configures other loggers."""


def get_logger(name: str) -> logging.Logger:
    """`logging.getLogger(name)`, which stays enabled."""
    logger = logging.getLogger(name)
    made = type(logger)
    if not issubclass(made, _Enabled):
        logger.__class__ = type(made.__name__, (_Enabled, made), {})
    return logger
