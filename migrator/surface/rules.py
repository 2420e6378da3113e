"""Flask's rule strings: their parts, and the path of the same meaning in FastAPI's syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.frozen import frozen

#: Werkzeug's own grammar of a rule's variable part (werkzeug.routing.rules._part_re).
_PART = re.compile(
    r"<(?:(?P<converter>[a-zA-Z_][a-zA-Z0-9_]*)(?:\((?P<arguments>.*?)\))?:)?"
    r"(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)>"
)

#: Flask's converters that the target has under a name of its own, and the parameter's type.
CONVERTERS: Mapping[str, tuple[str, str]] = {
    "default": ("", "str"),
    "string": ("", "str"),
    "int": ("int", "int"),
    "float": ("float", "float"),
    "uuid": ("uuid", "uuid.UUID"),
    "path": ("flask_path", "str"),
}
#: Flask's converters that FastAPI's syntax has no word for: the route keeps Flask's.
FLASK_ONLY: Mapping[str, str] = {"any": "str"}


@frozen
class Variable:
    """One variable part of a rule: `<int(min=1):page>`."""

    name: str
    converter: str
    arguments: str = ""

    @property
    def known(self) -> bool:
        """Whether it is one of Flask's own converters, whatever its arguments."""
        return self.converter in CONVERTERS or self.converter in FLASK_ONLY

    @property
    def in_fastapi(self) -> bool:
        """Whether FastAPI's syntax can say the same."""
        return self.converter in CONVERTERS and not self.arguments

    @property
    def annotation(self) -> str:
        """The type of the view's argument, as source text; "" where it is not known."""
        if self.converter in CONVERTERS:
            return CONVERTERS[self.converter][1]
        return FLASK_ONLY.get(self.converter, "")


def variables(rule: str) -> tuple[Variable, ...]:
    """The variable parts of a rule in order."""
    return tuple(
        Variable(m["name"], m["converter"] or "default", m["arguments"] or "")
        for m in _PART.finditer(rule)
    )


def fastapi_path(rule: str) -> str:
    """`/orders/<int:id>` as `/orders/{id:int}`; all of its converters must be `in_fastapi`."""

    def part(match: re.Match[str]) -> str:
        convertor = CONVERTERS[match["converter"] or "default"][0]
        return f"{{{match['name']}:{convertor}}}" if convertor else f"{{{match['name']}}}"

    return _PART.sub(part, rule)


def join(prefix: str | None, rule: str) -> str:
    """A blueprint's prefix and a rule, as `BlueprintSetupState.add_url_rule` joins them."""
    if prefix is None:
        return rule
    return "/".join((prefix.rstrip("/"), rule.lstrip("/"))) if rule else prefix


def nest(outer: str | None, inner: str | None) -> str | None:
    """The prefix of a nested blueprint, as `Blueprint.register` computes it."""
    if outer is not None and inner is not None:
        return outer.rstrip("/") + "/" + inner.lstrip("/")
    return inner if inner is not None else outer
