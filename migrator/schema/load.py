"""Finds metadata by a name: `module:attribute`, where the attribute may be many things.

A `MetaData`, a declarative base or a model, Flask-SQLAlchemy's `db` or ours, an application that has
one, or a function without arguments that makes any of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import MetaData

from migrator.errors import LoadError
from migrator.frozen import frozen
from migrator.runtime.loading import call_factory, described, is_factory, load_object, what_to_name

_HINT = (
    "Name a MetaData, a declarative base, the db object, or the application: "
    "shop.models:db or shop:create_app."
)


@frozen
class Models:
    """What one side describes: `metadatas` by bind key, None for the main database."""

    name: str
    metadatas: Mapping[str | None, MetaData]

    @property
    def tables(self) -> int:
        """How many tables there are."""
        return sum(len(metadata.tables) for metadata in self.metadatas.values())


def load_models(spec: str, *, app_dir: str | Path | None) -> Models:
    """The models that `spec` names; raises LoadError where there are none."""
    found = load_object(spec, app_dir=app_dir)
    metadatas = _metadatas(found)
    if metadatas is None and is_factory(found) and not isinstance(found, type):
        metadatas = _metadatas(call_factory(found, repr(spec)))
    if metadatas is None:
        raise LoadError(
            f"{spec!r} describes no tables.",
            f"It is {described(found)}, and has neither metadata nor an application's models.",
            f"{what_to_name(found)} {_HINT}".lstrip(),
        )
    models = Models(spec, metadatas)
    if not models.tables:
        raise LoadError(
            f"{spec!r} has no tables.",
            "Its models are defined in modules that nobody has imported.",
            "Name it through a module that imports the models, or name the application's factory.",
        )
    return models


def _metadatas(found: object) -> dict[str | None, MetaData] | None:
    if isinstance(found, MetaData):
        return {None: found}
    several = getattr(found, "metadatas", None)
    if isinstance(several, Mapping):
        return {key: value for key, value in several.items() if isinstance(value, MetaData)}
    extensions = getattr(found, "extensions", None)
    if isinstance(extensions, Mapping) and "sqlalchemy" in extensions:
        extension = extensions["sqlalchemy"]
        # Flask-SQLAlchemy 2 keeps a state object there.
        return _metadatas(getattr(extension, "db", extension))
    metadata = getattr(found, "metadata", None)
    return {None: metadata} if isinstance(metadata, MetaData) else None
