"""Two texts side by side: rows for a table, far from changes folded, changed words marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from markupsafe import Markup, escape

from migrator.frozen import frozen

_CONTEXT = 3
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
#: Longer lines are not compared word by word.
_LONG = 400
#: In files of more lines, those that stand everywhere are not looked for.
_MANY = 5000
_NOTHING = Markup()


@frozen
class Row:
    """One line of both sides; a side that has no such line has number 0.

    `kind` is same, changed, removed, added, or fold, where `left_number` is the number of lines
    that both sides have and the table leaves out.
    """

    kind: str
    left_number: int = 0
    left: Markup = _NOTHING
    right_number: int = 0
    right: Markup = _NOTHING


def side_by_side(before: str, after: str) -> list[Row]:
    """The rows of one file."""
    old, new = before.split("\n"), after.split("\n")
    # Most of a long file is the same at both ends: comparing only the middle keeps this linear.
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    blocks: list[tuple[str, int, int, int, int]] = []
    if head:
        blocks.append(("equal", 0, head, 0, head))
    middle = difflib.SequenceMatcher(
        None,
        old[head : len(old) - tail],
        new[head : len(new) - tail],
        autojunk=max(len(old), len(new)) > _MANY,
    )
    blocks.extend(
        (tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in middle.get_opcodes()
    )
    if tail:
        blocks.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return [
        row for index, block in enumerate(blocks) for row in _rows(block, index, blocks, old, new)
    ]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _rows(
    block: tuple[str, int, int, int, int],
    index: int,
    blocks: Sequence[tuple[str, int, int, int, int]],
    old: Sequence[str],
    new: Sequence[str],
) -> Iterator[Row]:
    tag, first, last, start, end = block
    if tag == "equal":
        before = _CONTEXT if index else 0
        after = _CONTEXT if index < len(blocks) - 1 else 0
        size = last - first
        folded = size - before - after
        for offset in range(size):
            if folded > 1 and before <= offset < size - after:
                if offset == before:
                    yield Row("fold", folded)
                continue
            yield Row(
                "same",
                first + offset + 1,
                escape(old[first + offset]),
                start + offset + 1,
                escape(new[start + offset]),
            )
        return
    for offset, (left, right) in enumerate(zip_longest(old[first:last], new[start:end])):
        if left is None:
            yield Row("added", 0, Markup(), start + offset + 1, escape(right))
        elif right is None:
            yield Row("removed", first + offset + 1, escape(left))
        else:
            marked = _marked(left, right)
            yield Row("changed", first + offset + 1, marked[0], start + offset + 1, marked[1])


def _marked(left: str, right: str) -> tuple[Markup, Markup]:
    """Both lines with the words that differ marked, where they have enough in common."""
    plain = (escape(left), escape(right))
    if len(left) > _LONG or len(right) > _LONG:
        return plain
    one, other = _WORDS.findall(left), _WORDS.findall(right)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < 0.35:
        return plain
    sides = (Markup(), Markup())
    made = [*sides]
    for tag, a, b, c, d in matcher.get_opcodes():
        for side, words in ((0, one[a:b]), (1, other[c:d])):
            text = escape("".join(words))
            if tag != "equal" and words:
                text = Markup("<mark>{}</mark>").format(text)
            made[side] += text
    return made[0], made[1]
