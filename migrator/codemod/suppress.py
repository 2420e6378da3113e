"""`# migrator: keep[MIG402] why`: comments that take a finding off the list, and those that take none.

A comment covers the statement that it stands in, or the one below it when it has a line to itself.
"""

from __future__ import annotations

import io
import re
import tokenize

from migrator.frozen import frozen

_COMMENT = re.compile(r"#\s*migrator:\s*keep\b(?P<rest>.*)")
_CODES = re.compile(r"\[(?P<codes>[^\]]*)\]")
_CODE = re.compile(r"MIG\d{3}")
_LAYOUT = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
)


@frozen
class Keep:
    """One comment: its place, the codes that it names, and the lines that it covers.

    `codes` is empty where the comment can't be understood.
    """

    line: int
    column: int
    codes: tuple[str, ...]
    first: int
    last: int

    def covers(self, line: int, code: str) -> bool:
        """Whether a finding of `code` at `line` is meant."""
        return code in self.codes and self.first <= line <= self.last


def keeps(text: str) -> list[Keep]:
    """The comments of a source text that parses."""
    if "migrator:" not in text:
        return []
    found: list[Keep] = []
    waiting: list[tuple[int, int, tuple[str, ...]]] = []
    start = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            codes = _codes(token.string)
            if codes is not None:
                waiting.append((token.start[0], token.start[1] + 1, codes))
        elif token.type == tokenize.NEWLINE:
            found.extend(Keep(*w, min(start, w[0]), token.end[0]) for w in waiting)
            waiting, start = [], 0
        elif token.type not in _LAYOUT and not start:
            # What stood on lines of its own above belongs to the statement that begins here.
            start = token.start[0]
    found.extend(Keep(*w, w[0], w[0]) for w in waiting)
    return found


def _codes(comment: str) -> tuple[str, ...] | None:
    match = _COMMENT.match(comment)
    if match is None:
        return None
    named = _CODES.match(match["rest"])
    if named is None:
        return ()
    codes = tuple(code.strip() for code in named["codes"].split(","))
    return codes if all(_CODE.fullmatch(code) for code in codes) else ()
