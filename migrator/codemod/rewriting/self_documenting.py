"""`f"{order.total=}"` shows its own source: where that changes, the text stays what it was.

https://docs.python.org/3/reference/lexical_analysis.html#formatted-string-literals
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

_WRITER = cst.Module(body=[])


def spelled_out(old: cst.FormattedString, new: cst.FormattedString) -> cst.FormattedString:
    """An f-string after its rewriting: `{x=}` whose expression has changed becomes `x={...!r}`."""
    if not _documents(old.parts):
        return new
    return new.with_changes(parts=tuple(_parts(old.parts, new.parts, new)))


def _documents(parts: Sequence[cst.BaseFormattedStringContent]) -> bool:
    return any(
        isinstance(part, cst.FormattedStringExpression)
        and (part.equal is not None or _documents(part.format_spec or ()))
        for part in parts
    )


def _parts(
    old: Sequence[cst.BaseFormattedStringContent],
    new: Sequence[cst.BaseFormattedStringContent],
    string: cst.FormattedString,
) -> Iterator[cst.BaseFormattedStringContent]:
    for before, after in zip(old, new, strict=True):
        if not isinstance(before, cst.FormattedStringExpression):
            yield after
            continue
        assert isinstance(after, cst.FormattedStringExpression)
        if before.format_spec is not None and after.format_spec is not None:
            spec = tuple(_parts(before.format_spec, after.format_spec, string))
            after = after.with_changes(format_spec=spec)
        if before.equal is not None and not before.expression.deep_equals(after.expression):
            yield cst.FormattedStringText(_literal(before, string))
            plain = after.conversion is None and after.format_spec is None
            after = after.with_changes(equal=None, conversion="r" if plain else after.conversion)
        yield after


def _literal(part: cst.FormattedStringExpression, string: cst.FormattedString) -> str:
    """What `{x=}` shows before the value, as it is written in this string."""
    assert part.equal is not None
    shown = (
        part.whitespace_before_expression,
        part.expression,
        part.whitespace_after_expression,
        part.equal,
    )
    text = "".join(map(_WRITER.code_for_node, shown)).replace("{", "{{").replace("}", "}}")
    if "r" in string.prefix:
        return text
    quote = string.quote
    text = text.replace("\\", "\\\\").replace(quote[0], f"\\{quote[0]}")
    return text if len(quote) == 3 else text.replace("\n", "\\n")
