"""JSON compared by what is written: `1`, `1.0`, `true` and `"1"` are four values.

Python's own `==` says 1 == True == 1.0, and fast parsers turn integers above 64 bits into floats
(two large ids then compare equal), so this parses with the standard library, keeps every number
exact, and walks with a type test before each comparison.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from .model import Difference

#: Above this many elements a list is compared index by index: alignment is quadratic.
ALIGN_LIMIT = 1500
_STAND_IN = re.compile('"\ue000([0-9]+)\ue001"')
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class NotJSON(ValueError):
    """The bytes are no JSON document that can be compared without loss."""


@dataclass(frozen=True, slots=True)
class Constant:
    """`NaN`, `Infinity` or `-Infinity`: not JSON by the standard, but Flask emits them."""

    name: str


def parse(body: bytes | str) -> object:
    """The document in `body`: floats as Decimal, NaN and infinities as `Constant`.

    Raises NotJSON, also where a document repeats a key: which one counts is up to the reader.
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        return json.loads(
            text, parse_float=Decimal, parse_constant=Constant, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        raise NotJSON(str(error)) from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        repeated = next(key for key, count in Counter(k for k, _ in pairs).items() if count > 1)
        raise NotJSON(f"the key {repeated!r} is repeated")
    return result


def type_name(value: object) -> str:
    """The JSON type as people say it; integers and other numbers are two types."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, Decimal | float):
        return "number"
    if isinstance(value, Constant):
        return value.name
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def canonical(value: object) -> str:
    """A text that two values share exactly when they are the same value; key order is free."""
    out: list[str] = []
    todo: list[object] = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, _Raw):
            out.append(item)
        elif isinstance(item, dict):
            todo.append(_Raw("}"))
            for key in sorted(item, reverse=True):
                todo.extend((_Raw(","), item[key], _Raw(json.dumps(key) + ":")))
            todo.append(_Raw("{"))
        elif isinstance(item, list):
            todo.append(_Raw("]"))
            for element in reversed(item):
                todo.extend((_Raw(","), element))
            todo.append(_Raw("["))
        else:
            out.append(_scalar(item))
    return "".join(out)


class _Raw(str):
    """Text that goes into a canonical form as it is."""

    __slots__ = ()


def _scalar(value: object) -> str:
    if isinstance(value, Decimal):
        if not value:
            return "f-0" if value.is_signed() else "f0"
        sign, digits, exponent = value.as_tuple()
        text = "".join(map(str, digits))
        significant = text.rstrip("0")
        shift = int(exponent) + len(text) - len(significant)
        return f"f{'-' if sign else ''}{significant}e{shift}"
    if isinstance(value, Constant):
        return value.name
    return json.dumps(value)


class _Fingerprints:
    """Short stand-ins for canonical forms, each container's worked out once.

    Comparing lists element by element by their canonical forms alone would take time that grows
    with the square of the depth. Containers are kept by identity, so one set serves one compare.
    """

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def of(self, value: object) -> bytes:
        """Equal exactly for the same values (as sure as a 160-bit hash is)."""
        todo = [value]
        while todo:
            item = todo[-1]
            if id(item) in self._known or not isinstance(item, dict | list):
                todo.pop()
                continue
            inner = list(item.values()) if isinstance(item, dict) else item
            waiting = [i for i in inner if isinstance(i, dict | list) and id(i) not in self._known]
            if waiting:
                todo.extend(waiting)
                continue
            self._known[id(item)] = self._container(item)
            todo.pop()
        return self._one(value)

    def _one(self, value: object) -> bytes:
        if isinstance(value, dict | list):
            return self._known[id(value)]
        return _scalar(value).encode()

    def _container(self, value: dict[str, object] | list[object]) -> bytes:
        digest = hashlib.blake2b(digest_size=20)
        if isinstance(value, list):
            digest.update(b"[")
            parts: Iterable[bytes] = map(self._one, value)
        else:
            digest.update(b"{")
            parts = (
                p
                for key in sorted(value)
                for p in (json.dumps(key).encode(), self._one(value[key]))
            )
        for part in parts:
            digest.update(b"%d:" % len(part) + part)
        return b"#" + digest.digest()


def same(legacy: object, target: object) -> bool:
    """Whether two parsed documents are the same, types included."""
    return canonical(legacy) == canonical(target)


def show(value: object, limit: int = 120) -> str:
    """The value as JSON, numbers as they were written, shortened."""
    # The encoder knows no Decimal: each goes through as a text that can't occur and is put back.
    numbers: list[str] = []

    def stand_in(item: object) -> str:
        numbers.append(item.name if isinstance(item, Constant) else str(item))
        return f"\ue000{len(numbers) - 1}\ue001"

    try:
        text = json.dumps(value, default=stand_in, ensure_ascii=False)
    except RecursionError:
        return "…"
    text = _STAND_IN.sub(lambda match: numbers[int(match[1])], text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def compare(
    legacy: object, target: object, root: str = "$", channel: str = "json"
) -> list[Difference]:
    """Every difference between two parsed documents; none exactly when they are `same`."""
    found: list[Difference] = []
    prints = _Fingerprints()
    todo: list[tuple[str, object, object]] = [(root, legacy, target)]
    while todo:
        path, left, right = todo.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            found.extend(_keys(path, left, right, channel))
            shared = [key for key in left if key in right]
            todo.extend((child(path, key), left[key], right[key]) for key in reversed(shared))
        elif isinstance(left, list) and isinstance(right, list):
            some, more = _lists(path, left, right, channel, prints)
            found.extend(some)
            todo.extend(reversed(more))
        elif type_name(left) != type_name(right):
            found.append(_difference(channel, path, "type", left, right))
        elif _scalar(left) != _scalar(right):
            found.append(_difference(channel, path, "value", left, right))
    return found


def child(path: str, key: str) -> str:
    """The path of an object's member."""
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f"{path}[{json.dumps(key)}]"


def _difference(channel: str, path: str, kind: str, left: object, right: object) -> Difference:
    detail = f"{type_name(left)} → {type_name(right)}" if kind == "type" else ""
    return Difference(channel, path, kind, show(left), show(right), detail, values=(left, right))


def _keys(
    path: str, left: dict[str, object], right: dict[str, object], channel: str
) -> list[Difference]:
    missing = [
        Difference(
            channel, child(path, key), "missing", show(left[key]), "", values=(left[key], None)
        )
        for key in left
        if key not in right
    ]
    extra = [
        Difference(
            channel, child(path, key), "extra", "", show(right[key]), values=(None, right[key])
        )
        for key in right
        if key not in left
    ]
    return missing + extra


def _lists(
    path: str, left: list[object], right: list[object], channel: str, prints: _Fingerprints
) -> tuple[list[Difference], list[tuple[str, object, object]]]:
    """Differences of the lists themselves, and the pairs of elements still to compare."""
    ours, theirs = [prints.of(item) for item in left], [prints.of(item) for item in right]
    if ours == theirs:
        return [], []
    if len(left) == len(right):
        if Counter(ours) == Counter(theirs):
            moved = [n for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
            detail = f"the same {len(left)} elements in another order, first at [{moved[0]}]"
            return [
                Difference(
                    channel, path, "order", show(left), show(right), detail, values=(left, right)
                )
            ], []
        pairs = zip(left, right, strict=True)
        return [], [(f"{path}[{n}]", a, b) for n, (a, b) in enumerate(pairs)]
    found = [
        Difference(
            channel,
            path,
            "length",
            f"{len(left)} elements",
            f"{len(right)} elements",
            values=(left, right),
        )
    ]
    if max(len(left), len(right)) > ALIGN_LIMIT:
        return found, []
    more: list[tuple[str, object, object]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        common = min(i2 - i1, j2 - j1) if tag == "replace" else 0
        more.extend((f"{path}[{i1 + n}]", left[i1 + n], right[j1 + n]) for n in range(common))
        for n in range(i1 + common, i2):
            found.append(
                Difference(
                    channel, f"{path}[{n}]", "missing", show(left[n]), values=(left[n], None)
                )
            )
        for n in range(j1 + common, j2):
            found.append(
                Difference(
                    channel, f"{path}[{n}]", "extra", "", show(right[n]), values=(None, right[n])
                )
            )
    return found, more


_STEP = re.compile(
    r"\.(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<index>\d+)\]|\[(?P<key>\"(?:[^\"\\]|\\.)*\")\]"
)


def is_path(path: str) -> bool:
    """Whether that is a path as `compare` writes it."""
    return re.fullmatch(rf"\$(?:{_STEP.pattern})*", path) is not None


def at(document: object, path: str) -> object:
    """The value at a path as `compare` writes it (`$.items[0].name`); None where there is none."""
    position = 1
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            return None
        position = step.end()
        if step["index"] is not None:
            index = int(step["index"])
            if not isinstance(document, list) or index >= len(document):
                return None
            document = document[index]
        else:
            key = step["name"] if step["name"] is not None else json.loads(step["key"])
            if not isinstance(document, dict) or key not in document:
                return None
            document = document[key]
    return document
