"""Checks request bodies by hand: a reader object that collects every complaint, then raises."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from target_app.errors import ValidationError

MISSING = object()


class Reader:
    """Reads fields from a JSON object or a form; call `done()` when all are read."""

    def __init__(self, data):
        self.data = data if hasattr(data, "get") else {}
        self.problems = {}

    def _raw(self, name, default):
        value = self.data.get(name, MISSING)
        if value is MISSING:
            if default is MISSING:
                self.problems[name] = "required"
                return MISSING
            return MISSING
        return value

    def text(self, name, default=MISSING, max_length=None, blank=False):
        value = self._raw(name, default)
        if value is MISSING:
            return default
        if value is None and default is None:
            return None
        if not isinstance(value, str):
            self.problems[name] = "must be a string"
        elif not blank and not value.strip():
            self.problems[name] = "must not be empty"
        elif max_length is not None and len(value) > max_length:
            self.problems[name] = f"longer than {max_length} characters"
        return value

    def integer(self, name, default=MISSING, minimum=None):
        value = self._raw(name, default)
        if value is MISSING:
            return default
        if value is None and default is None:
            return None
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.problems[name] = "must be an integer"
        elif minimum is not None and value < minimum:
            self.problems[name] = f"must be at least {minimum}"
        elif abs(value) > 2_000_000_000:
            self.problems[name] = "too large"
        return value

    def decimal(self, name, default=MISSING, minimum=None, maximum=None):
        value = self._raw(name, default)
        if value is MISSING:
            return default
        if value is None and default is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = None
        if number is None or isinstance(value, bool) or not number.is_finite():
            self.problems[name] = "must be a number"
        elif minimum is not None and number < Decimal(minimum):
            self.problems[name] = f"must be at least {minimum}"
        elif maximum is not None and number > Decimal(maximum):
            self.problems[name] = f"must be at most {maximum}"
        return number

    def date(self, name, default=MISSING):
        value = self._raw(name, default)
        if value is MISSING:
            return default
        if value is None and default is None:
            return None
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except (TypeError, ValueError):
            self.problems[name] = "must look like 2019-12-31"
            return None

    def boolean(self, name, default=MISSING):
        value = self._raw(name, default)
        if value is MISSING:
            return default
        if not isinstance(value, bool):
            self.problems[name] = "must be true or false"
        return value

    def choice(self, name, choices, default=MISSING):
        value = self._raw(name, default)
        if value is MISSING:
            return default
        if value not in choices:
            self.problems[name] = "must be one of " + ", ".join(choices)
        return value

    def items(self, name, default=MISSING):
        value = self._raw(name, default)
        if value is MISSING:
            return [] if default is MISSING else default
        if not isinstance(value, list):
            self.problems[name] = "must be a list"
            return []
        return value

    def reason(self):
        """The free text that may come with a cancellation, a refund and the like."""
        return self.text("reason", default="", max_length=200, blank=True)

    def done(self):
        if self.problems:
            raise ValidationError(self.problems)
