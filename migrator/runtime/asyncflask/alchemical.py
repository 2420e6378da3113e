"""`Alchemical` and `Model` in the place of those of Alchemical, whose applications stay ones of Flask.

Engines have async twins, and sessions are for async and sync code. Facts: `alchemical/core.py` and
`alchemical/flask.py`, version 1.0.
"""

from __future__ import annotations

from typing import Any

# A dependency of applications that have it anyway.
from alchemical import core, flask
from sqlalchemy import Engine, MetaData
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase

from migrator.runtime.db.own_sessions import async_sessionmaker
from migrator.runtime.db.twins import create_twin_engine


class Model(AsyncAttrs, core.BaseModel, DeclarativeBase):
    """Takes the place of `alchemical.Model`; its tables are apart from those of the legacy package."""

    __abstract__ = True
    __metadatas__: dict[str | None, MetaData] = {}


class Alchemical(flask.Alchemical):
    """Takes the place of `alchemical.flask.Alchemical`, with its arguments and its settings."""

    session_class: async_sessionmaker | None

    def _get_declarative_base(self, model_class: Any) -> Any:
        if model_class is None:
            return Model
        if issubclass(model_class, core.BaseModel):
            return model_class
        # Theirs lets all such bases share the tables, those of the legacy package as well.
        own = {"__abstract__": True, "__metadatas__": {}}
        return type("AlchemicalModel", (core.BaseModel, model_class), own)

    def _create_engine(self, url: Any, **options: Any) -> Engine:
        return create_twin_engine(url, **options)

    @property
    def Session(self) -> async_sessionmaker:  # the distribution's own name
        """Makes sessions that nobody but the caller closes."""
        if self.session_class is None:
            self.session_class = async_sessionmaker(
                bind=self.get_engine(), binds=self.table_binds, **self.session_options
            )
        return self.session_class

    def begin(self) -> Any:
        """A session in a transaction, closed after the block."""
        return self.Session.begin()


__all__ = ["Alchemical", "Model"]
