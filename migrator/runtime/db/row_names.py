"""Rows in the place of dicts: SQLAlchemy 1.x read both alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row


def mapping_of(value: Any) -> Any:
    """A row's items by their names; anything else as it is."""
    return value._mapping if isinstance(value, Row) else value
