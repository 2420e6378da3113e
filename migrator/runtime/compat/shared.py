"""Settings that the converted application takes over from the legacy one that it is mounted with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Protocol, TypeVar

from migrator.runtime.schemas_by_name import tell_loaded_schemas_apart, tell_schemas_apart

C = TypeVar("C", bound=dict[str, Any])


class HasSettings(Protocol):
    """A Flask application, as far as its settings go."""

    @property
    def config(self) -> Any: ...

    @property
    def instance_path(self) -> Any: ...


_PLAIN = (
    bool, int, float, str, bytes, timedelta, datetime, date, time, Decimal, PurePath, type(None),
)  # fmt: skip
_source: ContextVar[HasSettings | None] = ContextVar("settings_of", default=None)


@contextmanager
def settings_of(legacy: HasSettings) -> Iterator[None]:
    """Applications made inside this block have the settings and the instance folder of `legacy`.

    A setting that `legacy` has keeps the value it has there, whatever is assigned in the block: both
    sides then use one database and one secret, wherever their files lie. Only plain data is taken
    over; a class or a function in a setting stays each application's own. Schemas that are named by
    their bare names are told apart from here on: an extension may ask for them in the set-up.
    """
    tell_schemas_apart()
    token = _source.set(legacy)
    try:
        yield
    finally:
        _source.reset(token)


def settings_source() -> HasSettings | None:
    """The legacy application inside `settings_of`, None elsewhere."""
    return _source.get()


def shared_instance_path() -> str | None:
    """The instance folder to use, None for the application's own."""
    source = _source.get()
    return None if source is None else str(source.instance_path)


def shared_config(config: C) -> C:
    """`config` with the settings of the legacy application, which its set-up doesn't change.

    Once the block has ended an assignment is one. Outside of `settings_of` it is returned as it is.
    Schemas are told apart from here on: a package that makes its application when it is imported is
    there before the legacy one, which then is not the only one to ask.
    """
    tell_loaded_schemas_apart()
    source = _source.get()
    if source is None:
        return config
    kept = {key: value for key, value in source.config.items() if _is_plain(value)}
    base: Any = type(config)

    class SharedConfig(base):  # type: ignore[misc]  # the application's own class
        def __setitem__(self, key: str, value: Any) -> None:
            being_made = _source.get() is source
            super().__setitem__(key, kept.get(key, value) if being_made else value)

        def update(self, *args: Any, **kwargs: Any) -> None:
            for key, value in dict(*args, **kwargs).items():
                self[key] = value

        def __ior__(self, other: Any) -> Any:
            self.update(other)
            return self

    config.update(kept)
    config.__class__ = SharedConfig
    return config


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(k) and _is_plain(v) for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)
