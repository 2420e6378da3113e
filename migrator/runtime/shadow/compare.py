"""Two observations of one request, compared strictly: nothing is left out and nothing excused.

What the framework changes by itself (key order, escapes, a newline at the end) is told apart from
what a client could notice; everything else is a difference, and only a declared rule excuses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import unified_diff

from . import cookies, strictjson
from .cookies import Sessions
from .effects import compare_writes
from .model import Comparison, Difference, Observation, Response, Verdict
from .rules import Rule, RuleContext, excuse

_BODY_EXCERPT = 40
_APART = {"set-cookie", "content-length"}


def compare(
    legacy: Observation,
    target: Observation,
    *,
    sessions: Sessions | None = None,
    rules: Sequence[Rule] = (),
    context: RuleContext | None = None,
) -> Comparison:
    """The verdict on one request, given what each side did with it.

    `sessions` reads signed session cookies (without it they are compared as text). `rules` excuse
    differences by name; each excused difference is kept in `excused` with its rule.
    """
    reader = sessions or Sessions(None)
    differences: list[Difference] = []
    notes: list[str] = []
    left, right = legacy.response, target.response
    if left is not None and right is not None:
        same_meaning = compare_responses(left, right, reader, differences, notes)
    else:
        same_meaning = False
        differences.extend(_no_response(legacy, target))
    differences.extend(_failures(legacy, target))
    differences.extend(compare_writes(legacy.writes, target.writes, notes))
    left_over, excused = excuse(differences, rules, context or RuleContext(), left, right)
    if left_over:
        lost = left is None or right is None
        verdict = Verdict.ERROR if lost else Verdict.DIFFERENT
    elif excused:
        verdict = Verdict.BY_RULE
    elif left is None:
        verdict = Verdict.ERROR
        said = ", ".join(f"{f.name}: {f.message}" for f in legacy.failures)
        notes.append(f"neither side answered ({said})")
    else:
        verdict = Verdict.JSON_IDENTICAL if same_meaning else Verdict.IDENTICAL
    return Comparison(verdict, tuple(left_over), tuple(excused), tuple(notes))


def compare_responses(
    left: Response,
    right: Response,
    sessions: Sessions,
    differences: list[Difference],
    notes: list[str],
) -> bool:
    """Add every difference; True when there is none but the bytes are not the same."""
    if left.status != right.status:
        differences.append(Difference("status", "", "value", str(left.status), str(right.status)))
    differences.extend(_headers(left, right))
    reworded = _cookies(left, right, sessions, differences, notes)
    if left.body != right.body:
        found = _bodies(left, right, notes)
        differences.extend(found)
        reworded = reworded or not found
    differences.extend(_lengths(left, right))
    return reworded


def _headers(left: Response, right: Response) -> Iterable[Difference]:
    ours, theirs = _multiset(left), _multiset(right)
    for name in sorted({*ours, *theirs}):
        before, after = ours.get(name, []), theirs.get(name, [])
        if Counter(before) == Counter(after):
            continue
        kind = "missing" if not after else "extra" if not before else "value"
        if kind == "value" and len(before) != len(after):
            kind = "count"
        yield Difference("header", name, kind, " | ".join(before), " | ".join(after))


def _multiset(response: Response) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in response.headers:
        lower = name.lower()
        if lower not in _APART:
            found.setdefault(lower, []).append(_methods(value) if lower == "allow" else value)
    return found


def _methods(allow: str) -> str:
    """The methods of an Allow header, sorted. Their order says nothing (RFC 9110, 10.2.1), and
    Werkzeug takes them from a set of strings, which has another order in each process.
    """
    return ", ".join(sorted(method.strip() for method in allow.split(",")))


def _lengths(left: Response, right: Response) -> Iterable[Difference]:
    """Content-Length differs by right where the bodies do; each side must state its own."""
    ours, theirs = left.header("content-length"), right.header("content-length")
    if ours == theirs:
        return
    if ours is None or theirs is None:
        kind = "missing" if theirs is None else "extra"
        yield Difference("header", "content-length", kind, ours or "", theirs or "")
    elif left.body == right.body or theirs != str(len(right.body)):
        yield Difference("header", "content-length", "value", ours, theirs)


def _cookies(
    left: Response,
    right: Response,
    sessions: Sessions,
    differences: list[Difference],
    notes: list[str],
) -> bool:
    ours, theirs = _cookie_map(left), _cookie_map(right)
    reworded = False
    for identity in sorted({*ours, *theirs}):
        before, after = ours.get(identity, []), theirs.get(identity, [])
        name = identity.partition(";")[0]
        if len(before) != len(after):
            kind = "missing" if not after else "extra" if not before else "count"
            differences.append(Difference("cookie", name, kind, _show(before), _show(after)))
            continue
        for one, other in zip(before, after, strict=True):
            if one == other:
                continue
            found = _cookie(one, other, sessions)
            differences.extend(found)
            if not found:
                reworded = True
                notes.append(f"cookie {name}: same content, written in another way")
    return reworded


def _cookie_map(response: Response) -> dict[str, list[cookies.Cookie]]:
    found: dict[str, list[cookies.Cookie]] = {}
    for header, value in response.headers:
        if header.lower() == "set-cookie":
            cookie = cookies.parse(value)
            found.setdefault(cookie.identity, []).append(cookie)
    return found


def _show(found: list[cookies.Cookie]) -> str:
    return " | ".join(
        "; ".join(
            [
                f"{c.name}={c.value}",
                *(k if v is True else f"{k}={v}" for k, v in c.attributes.items()),
            ]
        )
        for c in found
    )


def _cookie(one: cookies.Cookie, other: cookies.Cookie, sessions: Sessions) -> list[Difference]:
    found: list[Difference] = []
    for key in sorted({*one.attributes, *other.attributes}):
        before, after = one.attributes.get(key), other.attributes.get(key)
        if before != after:
            kind = "missing" if after is None else "extra" if before is None else "value"
            found.append(
                Difference(
                    "cookie", f"{one.name}; {key}", kind, _attribute(before), _attribute(after)
                )
            )
    if one.value == other.value:
        return found
    ours, theirs = sessions.read(one), sessions.read(other)
    if ours is None or theirs is None:
        kind = "value"
        if ours is not None and one.name == sessions.name:
            kind = "signature"
        found.append(Difference("cookie", one.name, kind, one.value, other.value))
        return found
    found.extend(strictjson.compare(ours[0], theirs[0], one.name, "cookie"))
    if ours[1] != theirs[1]:
        found.append(Difference("cookie", f"{one.name} signed at", "value", ours[1], theirs[1]))
    return found


def _attribute(value: str | bool | None) -> str:
    return "" if value is None else "set" if value is True else str(value)


def _is_json(response: Response) -> bool:
    kind = (response.header("content-type") or "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _bodies(left: Response, right: Response, notes: list[str]) -> list[Difference]:
    """What differs in two bodies whose bytes differ; nothing where they are the same document."""
    if _is_json(left) and _is_json(right):
        try:
            ours, theirs = strictjson.parse(left.body), strictjson.parse(right.body)
        except strictjson.NotJSON as error:
            notes.append(f"a JSON body could not be compared as a document: {error}")
        else:
            found = strictjson.compare(ours, theirs)
            if not found:
                notes.append(_how_written(left.body, right.body))
            return found
    return [_text_difference(left.body, right.body)]


def _how_written(left: bytes, right: bytes) -> str:
    if left.rstrip(b"\n") == right.rstrip(b"\n"):
        return "the same JSON but for the newline at the end"
    if b"".join(left.split()) == b"".join(right.split()):
        return "the same JSON but for white space"
    return "the same JSON, written in another way (key order, white space or escapes)"


def _text_difference(left: bytes, right: bytes) -> Difference:
    try:
        ours, theirs = left.decode("utf-8"), right.decode("utf-8")
    except UnicodeDecodeError:
        at = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
        first = min(len(left), len(right)) if at is None else at
        return Difference(
            "body",
            f"byte {first}",
            "bytes",
            f"{len(left)} bytes, {left[first : first + 24].hex(' ')}",
            f"{len(right)} bytes, {right[first : first + 24].hex(' ')}",
        )
    lines = list(
        unified_diff(
            ours.splitlines(keepends=True),
            theirs.splitlines(keepends=True),
            "legacy",
            "target",
            n=1,
        )
    )
    shown = [line.rstrip("\n") for line in lines[2:]]
    if len(shown) > _BODY_EXCERPT:
        shown = [*shown[:_BODY_EXCERPT], f"… {len(shown) - _BODY_EXCERPT} more lines"]
    before = next((line[1:] for line in shown if line.startswith("-")), "")
    after = next((line[1:] for line in shown if line.startswith("+")), "")
    kind = "missing" if not right else "extra" if not left else "text"
    return Difference("body", "", kind, before[:160], after[:160], "\n".join(shown))


def _no_response(legacy: Observation, target: Observation) -> Iterable[Difference]:
    if (legacy.response is None) != (target.response is None):
        kind = "missing" if target.response is None else "extra"
        yield Difference("response", "", kind, _outcome(legacy), _outcome(target))


def _outcome(observation: Observation) -> str:
    if observation.response is not None:
        return str(observation.response.status)
    return observation.failures[-1].name if observation.failures else "no response"


def _failures(legacy: Observation, target: Observation) -> Iterable[Difference]:
    """A 500 for another reason is not alike, whatever its page says."""
    ours = [failure.name for failure in legacy.failures]
    theirs = [failure.name for failure in target.failures]
    if set(ours) == set(theirs):
        return
    kind = "missing" if not theirs else "extra" if not ours else "value"
    detail = "\n".join(
        f"{side}: {failure.name}: {failure.message}"
        for side, observation in (("legacy", legacy), ("target", target))
        for failure in observation.failures
    )
    yield Difference("exception", "", kind, ", ".join(ours), ", ".join(theirs), detail)
