"""A fault of ours over one file costs that file, and not the run.

What failed was about one module most often: without it everything is done once more. What is known by the
keys of functions alone, as in much of the colouring, names no file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TypeVar

from migrator.errors import MigratorError
from migrator.index.definitions import ClassInfo, FunctionInfo, Module

T = TypeVar("T")

#: As many files may be lost; more than these are no accident of one file's style.
_MOST = 8
#: What those that read, evaluate and write a function or a module call it.
_OF_OBJECTS = ("module", "info", "function")


def despite_faults(make: Callable[[Mapping[str, str]], T]) -> T:
    """What `make` makes of all files but those that it is given, each with the fault that it led to.

    Raises the fault where no file can be named, where leaving it out has not helped, and at once under
    MIGRATOR_DEBUG. A MigratorError is an answer, and no fault.
    """
    unread: dict[str, str] = {}
    while True:
        try:
            return make(unread)
        except MigratorError:
            raise
        except Exception as error:
            path = _file_of(error)
            if path is None or path in unread or len(unread) == _MOST or _debugging():
                raise
            unread[path] = f"{type(error).__name__}: {error}"


def _debugging() -> bool:
    return bool(os.environ.get("MIGRATOR_DEBUG"))


def _file_of(error: Exception) -> str | None:
    """The file that the innermost call was about, of those on the way to the fault."""
    found, traceback = None, error.__traceback__
    while traceback is not None:
        found = _file_in(traceback.tb_frame) or found
        traceback = traceback.tb_next
    return found


def _file_in(frame: FrameType) -> str | None:
    """The file of what is read there: a value of the call's own, or what its object was made for."""
    own = frame.f_locals.get("self")
    values = (*frame.f_locals.values(), *(getattr(own, name, None) for name in _OF_OBJECTS))
    return next(filter(None, map(_path, values)), None)


def _path(value: object) -> str | None:
    module = value.module if isinstance(value, FunctionInfo | ClassInfo) else value
    return module.path if isinstance(module, Module) else None
