"""Frozen classes of data, as `dataclass(frozen=True, slots=True)` gives them.

A dataclass compiles six methods when it is made: for the 140 of the codemod that took a third of its
imports. Here those that need a text are compiled when somebody asks for one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")
_COMPILED = ("__init__", "__eq__", "__hash__", "__reduce__")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class one of values: equal where their fields are, hashed by these, and never changed.

    What the class itself defines stays. `dataclasses.fields` and `replace` know it.
    """
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    # A class that defines `__eq__` has a `__hash__`, which is None.
    names = tuple(name for name in _COMPILED if cls.__dict__.get(name) is None)
    for name in names:
        setattr(made, name, _first(made, names, name))
    if "__repr__" not in cls.__dict__:
        made.__repr__ = _text  # type: ignore[method-assign]  # as a dataclass does
    made.__setattr__ = made.__delattr__ = _refuse  # type: ignore[method-assign]  # the same
    _MADE.add(made)
    return made


def is_frozen(cls: type) -> bool:
    """Whether a class is one of these."""
    return cls in _MADE


_MADE: set[type] = set()


def _first(cls: type, names: tuple[str, ...], name: str) -> Callable[..., Any]:
    """What stands in for a method until it is called."""

    def method(self: Any, *args: Any, **named: Any) -> Any:
        known = _methods(cls)
        for each in names:
            setattr(cls, each, known[each])
        return known[name](self, *args, **named)

    return method


def _refuse(self: Any, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"{name!r} of a {type(self).__name__} can't be changed")


def _text(self: Any) -> str:
    shown = (one.name for one in fields(self) if one.repr)
    inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({inner})"


def _methods(cls: type) -> dict[str, Any]:
    """The methods whose texts name the fields. The constructor fills the slots themselves."""
    known: dict[str, Any] = {"_missing": MISSING}
    parameters, lines = ["self"], []
    for one in fields(cls):
        name = one.name
        known[f"_set_{name}"] = getattr(cls, name).__set__
        given = name
        if one.default is not MISSING:
            known[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        elif one.default_factory is not MISSING:
            known[f"_make_{name}"] = one.default_factory
            parameters.append(f"{name}=_missing")
            given = f"_make_{name}() if {name} is _missing else {name}"
        else:
            parameters.append(name)
        lines.append(f" _set_{name}(self, {given})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    kept = "".join(f"self.{one.name}, " for one in fields(cls))
    compared = [one.name for one in fields(cls) if one.compare]
    of_self = "".join(f"self.{name}, " for name in compared)
    # Most values that are compared differ in their first fields, or are one and the same.
    same = " and ".join(f"self.{name} == other.{name}" for name in compared) or "True"
    # A call of the constructor is read from a cache in half the time that a state is.
    text = f"""\
def __init__({", ".join(parameters)}):
{chr(10).join(lines) or " pass"}
def __eq__(self, other):
 if other is self:
  return True
 return {same} if other.__class__ is self.__class__ else NotImplemented
def __hash__(self):
 return hash(({of_self}))
def __reduce__(self):
 return self.__class__, ({kept})
"""
    exec(text, known)
    return known
