"""Small helpers without a better home: clock, money, dates from query strings."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from migrator.runtime.compat import request
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


def decimal_arg(name, default=None):
    """The number in `?name=1.50`; 400 when it is none."""
    raw = request.args.get(name)
    if not raw:
        return default
    try:
        number = Decimal(raw)
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise BadRequest(f"{name} must be a number.")
    return number


def limit_arg(default=10, maximum=100):
    """`?limit=20`, from 1 to the maximum."""
    return min(max(request.args.get("limit", default, type=int), 1), maximum)


def bool_arg(name):
    """True, False, or None when the argument is absent."""
    raw = request.args.get(name)
    if raw is None:
        return None
    return raw.strip().lower() in ("1", "true", "yes", "on")
