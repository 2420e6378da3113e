"""asyncpg's connections made to give what psycopg2's give, whatever the statement.

Set on each connection, so that they hold for text() as well, where no type of SQLAlchemy applies.
https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.Connection.set_type_codec
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UTC_NAMES = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT"}
# What PostgreSQL sends for -infinity and infinity.
_INFINITIES = {-(2**63): datetime.min, 2**63 - 1: datetime.max}


def zone_of(connection: Any) -> tzinfo:
    """The session's time zone; UTC when this machine doesn't know its name."""
    name = getattr(connection.get_settings(), "TimeZone", "UTC")
    if name in _UTC_NAMES:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


async def set_codecs(connection: Any, zone: tzinfo) -> None:
    """`connection` is asyncpg's own."""
    # asyncpg's decoder gives Decimal("1E+4") for 10000, its encoder spells a float's binary digits
    # out; the text form has neither trouble.
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", format="text", encoder=str, decoder=Decimal
    )
    # As a double it would have digits that the server doesn't send: 0.1 is 0.10000000149011612.
    await connection.set_type_codec(
        "float4", schema="pg_catalog", format="text", encoder=str, decoder=float
    )
    if zone is not UTC:
        # psycopg2 gives timestamps with the session's offset, asyncpg with UTC's.
        await connection.set_type_codec(
            "timestamptz",
            schema="pg_catalog",
            format="tuple",
            encoder=_encode,
            decoder=lambda value: _decode(value, zone),
        )


def _encode(value: datetime) -> tuple[int]:
    return ((value - _EPOCH) // _MICROSECOND,)


def _decode(value: tuple[int], zone: tzinfo) -> datetime:
    if value[0] in _INFINITIES:
        return _INFINITIES[value[0]].replace(tzinfo=UTC)
    local = (_EPOCH + timedelta(microseconds=value[0])).astimezone(zone)
    offset = local.utcoffset()
    assert offset is not None
    return local.replace(tzinfo=timezone(offset))
