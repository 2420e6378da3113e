"""A fault of ours over one file costs that file, and one in a check that check: neither costs the run.

What failed was about one module most often: without it everything is done once more. What is known by the
keys of functions alone, as in much of the colouring, names no file. Nor does what is told of the whole,
of what it requires or how it is set up: each check has a room of its own, and its fault is told instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from migrator.codemod.finding import Finding
from migrator.errors import MigratorError
from migrator.index.definitions import ClassInfo, FunctionInfo, Module

if TYPE_CHECKING:
    from migrator.codemod.convert import Conversion

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
            unread[path] = _said(error)


def in_a_room(
    conversion: Conversion, check: Callable[..., Iterable[Finding]], *given: object
) -> list[Finding]:
    """What a check finds; where it fails, what it failed with, and `conversion` knows.

    Raises the fault where a file can be named that may be left out, and at once under MIGRATOR_DEBUG.
    """
    try:
        return list(check(conversion, *given))
    except MigratorError:
        raise
    except Exception as error:
        project, path = conversion.project, _file_of(error)
        if (path is not None and path not in project.unread) or _debugging():
            raise
        conversion.unchecked.add(check.__name__)
        paths = [found.path for found in project.modules.values() or project.broken]
        return [
            Finding(
                paths[0], 1, 1, "MIG904",
                f"The check {check.__name__} failed with {_said(error)}. This is a fault in migrator; what the check "
                "would have told is missing here.",
                hint="Please report it.",
            )
        ]  # fmt: skip


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


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
