"""Small helpers without a better home: clock, money, dates from query strings."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from flask import request
from werkzeug.exceptions import BadRequest

CENT = Decimal("0.01")


def utcnow():
    """Now in UTC, naive: that is how every DateTime column without a time zone is stored."""
    return datetime.now(UTC).replace(tzinfo=None)


def money(value):
    """Round to cents the way accounting does; None stays None."""
    if value is None:
        return None
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def date_arg(name):
    """The date in `?name=YYYY-MM-DD`, or None; 400 when it is not a date."""
    raw = request.args.get(name)
    if not raw:
        return None
    try:
        return datetime.strptime(raw, "%Y-%m-%d").date()
    except ValueError:
        raise BadRequest(f"{name} must look like 2019-12-31.") from None


def bool_arg(name):
    """True, False, or None when the argument is absent."""
    raw = request.args.get(name)
    if raw is None:
        return None
    return raw.strip().lower() in ("1", "true", "yes", "on")
