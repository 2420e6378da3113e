"""`threading.local` for requests that share a thread: each has attributes of its own.

https://docs.python.org/3/library/threading.html#thread-local-data
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from migrator.runtime.db.scope import request_scope
from migrator.runtime.threads.whose import Task, task_at_hand


@dataclass(slots=True)
class _Held:
    """The attributes that a request has, and whose they are."""

    task: Task
    request: object
    values: dict[str, Any] = field(default_factory=dict)

    def is_of(self, task: Task) -> bool:
        """Whether they are those of the task, or of the request that it is a part of."""
        request = request_scope()
        return self.task is task or (request is not None and self.request is request)


class _Kept(threading.local):
    """The attributes that a thread has."""

    values: dict[str, Any] | None = None


@dataclass(slots=True)
class _Inside:
    """What an instance is made of."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    held: ContextVar[_Held | None]
    kept: _Kept = field(default_factory=_Kept)


class local:
    """Attributes that belong to the request at hand, to its task, or to a thread without a loop.

    A subclass's `__init__` runs once for each. What is there when the application is imported is
    nobody's else, as with `threading.local`.
    """

    __slots__ = ("__weakref__", "_local_inside")

    def __new__(cls, /, *args: Any, **kwargs: Any) -> local:
        if (args or kwargs) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self = object.__new__(cls)
        inside = _Inside(args, kwargs, ContextVar(cls.__name__, default=None))
        object.__setattr__(self, "_local_inside", inside)
        _begin(inside)  # Python calls __init__ itself, for whoever makes the instance.
        return self

    def __getattribute__(self, name: str) -> Any:
        values = _values(self)
        if name == "__dict__":
            return values
        if name in values and not _is_data(type(self), name):
            return values[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _refuse_dict(self, name)
        if _is_data(type(self), name):
            object.__setattr__(self, name, value)
        else:
            _values(self)[name] = value

    def __delattr__(self, name: str) -> None:
        _refuse_dict(self, name)
        if _is_data(type(self), name):
            object.__delattr__(self, name)
        elif name in (values := _values(self)):
            del values[name]
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _values(owner: local) -> dict[str, Any]:
    inside: _Inside = object.__getattribute__(owner, "_local_inside")
    found = _found(inside)
    if found is None:
        found = _begin(inside)
        if type(owner).__init__ is not object.__init__:
            type(owner).__init__(owner, *inside.args, **inside.kwargs)
    return found


def _found(inside: _Inside) -> dict[str, Any] | None:
    task = task_at_hand()
    if task is None:
        return inside.kept.values
    held = inside.held.get()
    return held.values if held is not None and held.is_of(task) else None


def _begin(inside: _Inside) -> dict[str, Any]:
    task = task_at_hand()
    if task is None:
        inside.kept.values = {}
        return inside.kept.values
    held = _Held(task, request_scope())
    inside.held.set(held)
    return held.values


def _refuse_dict(owner: local, name: str) -> None:
    if name == "__dict__":
        raise AttributeError(f"{type(owner).__name__!r} object attribute '__dict__' is read-only")


def _is_data(cls: type, name: str) -> bool:
    """Whether the class says what the attribute is: a property, a slot."""
    found = next((c.__dict__[name] for c in cls.__mro__ if name in c.__dict__), None)
    return hasattr(type(found), "__set__")
