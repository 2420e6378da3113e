"""The file of declared cases: actors, rules, flows; read strictly, every mistake with its line.

The format is described, with examples that run, in docs/shadow.md.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import folder
from .captures import EXAMPLES, mistake
from .rules import Rule
from .rulesfile import read_rules
from .yamlfile import Node

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_STEP_KEYS = (
    "name", "request", "method", "path", "query", "headers", "json", "form", "files", "body",
    "content_type", "capture", "endpoint", "expect",
)  # fmt: skip
_FLOW_KEYS = ("name", "as", "steps", "repeat", "variables")
_TOP_KEYS = (
    "version", "clock", "base_url", "variables", "headers", "actors", "rules", "cases", "flows",
)  # fmt: skip
_BODIES = ("json", "form", "files", "body")


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a flow, its `${variables}` not yet put in."""

    name: str
    method: str
    path: str
    query: Mapping[str, Any] | str | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Any = None
    files: Any = None
    body: str | None = None
    has_json: bool = False
    content_type: str | None = None
    capture: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    expect: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """Steps in order over one cookie jar a side, from one state of the database."""

    name: str
    steps: tuple[Step, ...]
    actor: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    path: Path | None = None
    #: When its first step is sent, in seconds from the clock's time.
    begins: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who sends requests: headers of theirs, and steps that log them in.

    The steps run once a side and the cookies are kept, unless `fresh` says that each flow
    begins with them (where a login writes rows that later requests need).
    """

    name: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """A whole file, repeats unrolled."""

    flows: tuple[Flow, ...]
    actors: Mapping[str, Actor] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    clock: datetime | None = None
    base_url: str = "http://localhost"
    headers: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def requests(self) -> int:
        """How many requests one side is sent, logins aside."""
        return sum(len(flow.steps) for flow in self.flows)


def load(path: str | Path) -> Cases:
    """Read a file of cases, or all those of a folder as one.

    Raises CasesError with the file and line of what is wrong.
    """
    file = Path(path)
    roots = folder.read(file)
    root, top = roots[0], folder.joined([_top(root) for root in roots])
    actors = _actors(top.get("actors"))
    flows = _told_apart([*_cases(top.get("cases"), actors), *_flows(top.get("flows"), actors)])
    if not flows:
        root.fail("There is no case to compare.", "Add `cases:` or `flows:`; see docs/shadow.md.")
    _unique(flows)
    base = top["base_url"].text() if "base_url" in top else "http://localhost"
    if not base.startswith(("http://", "https://")):
        top["base_url"].fail(f"{base!r} is no http URL.", "Write it like http://shop.example.")
    return Cases(
        tuple(flows),
        actors,
        tuple(read_rules(top.get("rules"))),
        _clock(top.get("clock")),
        base.rstrip("/"),
        _headers(top.get("headers")),
        _plain_mapping(top.get("variables")),
        file,
    )


def _top(root: Node) -> dict[str, Node]:
    top = root.mapping(_TOP_KEYS)
    version = top.get("version")
    if version is None or version.value != 1:
        (version or root).fail(
            "The file does not say which version of the format it is in.",
            "Begin it with the line `version: 1`.",
        )
    return top


def _told_apart(flows: list[Flow]) -> list[Flow]:
    """Cases without a name that differ in their actor alone are named after that as well."""
    used = Counter(flow.name for flow in flows)

    def named(flow: Flow) -> Flow:
        step = flow.steps[0]
        given = flow.actor is None or step.name != _unnamed(step.method, step.path)
        if used[flow.name] == 1 or len(flow.steps) > 1 or given:
            return flow
        return replace(flow, name=f"{flow.name} as {flow.actor}")

    return [named(flow) for flow in flows]


def _unnamed(method: str, path: str) -> str:
    return f"{method} {path}"


def _unique(flows: list[Flow]) -> None:
    seen: dict[str, Flow] = {}
    for flow in flows:
        other = seen.setdefault(flow.name, flow)
        if other is not flow:
            where = (
                "" if other.path == flow.path or other.path is None else f" of {other.path.name}"
            )
            Node(None, flow.line, flow.path or Path()).fail(
                f"Two cases are called {flow.name!r} (the other is in line {other.line}{where}).",
                "Give each its own name: reports and reruns go by it.",
            )


def _clock(node: Node | None) -> datetime | None:
    if node is None:
        return None
    try:
        moment = datetime.fromisoformat(node.text())
    except ValueError:
        node.fail(f"{node.kind} is no time.", "Write it like 2026-01-15T09:30:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain_mapping(node: Node | None) -> dict[str, Any]:
    return {} if node is None else {key: value.plain() for key, value in node.mapping().items()}


def _headers(node: Node | None) -> dict[str, Any]:
    if node is None:
        return {}
    made: dict[str, Any] = {}
    for key, value in node.mapping().items():
        many = isinstance(value.value, list)
        if many:
            made[key] = [item.text() for item in value.items()]
        else:
            made[key] = None if value.value is None else value.text()
    return made


def _actors(node: Node | None) -> dict[str, Actor]:
    if node is None:
        return {}
    made = {}
    for name, value in node.mapping().items():
        parts = value.mapping(("headers", "steps", "fresh"))
        fresh = parts["fresh"].value if "fresh" in parts else False
        if not isinstance(fresh, bool):
            parts["fresh"].fail("`fresh` is true or false.", "Write `fresh: true`.")
        steps = tuple(_step(s, f"{name} {n}") for n, s in _numbered(parts.get("steps")))
        made[name] = Actor(name, _headers(parts.get("headers")), steps, fresh)
    return made


def _numbered(node: Node | None) -> Iterator[tuple[int, Node]]:
    return enumerate(node.items() if node is not None else [], 1)


def _cases(node: Node | None, actors: Mapping[str, Actor]) -> Iterator[Flow]:
    """A case is a flow of one step, the two written as one mapping."""
    for _, item in _numbered(node):
        if isinstance(item.value, str):
            item = Node({"request": item}, item.line, item.path)
        parts = item.mapping((*_STEP_KEYS, "as", "repeat", "variables"))
        own = {key: value for key, value in parts.items() if key in _STEP_KEYS}
        step = _step(Node(own, item.line, item.path), "")
        actor = _actor(parts.get("as"), actors)
        variables = _plain_mapping(parts.get("variables"))
        flow = Flow(step.name, (step,), actor, variables, item.line, item.path)
        yield from _repeated(flow, parts.get("repeat"))


def _flows(node: Node | None, actors: Mapping[str, Actor]) -> Iterator[Flow]:
    for _, item in _numbered(node):
        parts = item.mapping(_FLOW_KEYS)
        if "name" not in parts or "steps" not in parts:
            item.fail("A flow needs `name` and `steps`.", "Add what is missing.")
        steps = tuple(_step(s, "") for _, s in _numbered(parts["steps"]))
        if not steps:
            parts["steps"].fail("This flow has no steps.", "Add one, or remove the flow.")
        variables = _plain_mapping(parts.get("variables"))
        actor = _actor(parts.get("as"), actors)
        flow = Flow(parts["name"].text(), steps, actor, variables, item.line, item.path)
        yield from _repeated(flow, parts.get("repeat"))


def _actor(node: Node | None, actors: Mapping[str, Actor]) -> str | None:
    if node is None or node.value is None:
        return None
    name = node.text()
    if name not in actors:
        known = ", ".join(actors) or "none are declared"
        node.fail(f"There is no actor {name!r}.", f"Declare it under `actors:` (known: {known}).")
    return name


def _repeated(flow: Flow, node: Node | None) -> Iterator[Flow]:
    """The flow once for each combination of the values under `repeat:`."""
    if node is None:
        yield flow
        return
    if isinstance(node.value, list):
        choices = [(item.line, item.plain()) for item in node.items()]
        for line, values in choices:
            if not isinstance(values, dict):
                node.fail(
                    "A list under `repeat:` holds mappings.", "Write `- {page: 1}`.", line=line
                )
            yield _with(flow, values)
        return
    names = list(node.mapping())
    lists = [[item.plain() for item in node.value[name].items()] for name in names]
    for values in itertools.product(*lists):
        yield _with(flow, dict(zip(names, values, strict=True)))


def _with(flow: Flow, values: dict[str, Any]) -> Flow:
    label = ", ".join(f"{key}={_short(value)}" for key, value in values.items())
    return replace(flow, name=f"{flow.name} [{label}]", variables={**flow.variables, **values})


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _step(node: Node, name: str) -> Step:
    if isinstance(node.value, str):
        node = Node({"request": node}, node.line, node.path)
    parts = node.mapping(_STEP_KEYS)
    method, path = _request(node, parts)
    given = [key for key in _BODIES if key in parts]
    if len(given) > 1 and set(given) != {"form", "files"}:
        node.fail(
            f"One request has {' and '.join(given)}.", "Keep one body (form with files is one)."
        )
    expect = parts["expect"].value if "expect" in parts else None
    if expect is not None and (isinstance(expect, bool) or not isinstance(expect, int)):
        parts["expect"].fail(
            "`expect` is the status the legacy side must give.", "Write `expect: 201`."
        )
    query = parts["query"].plain() if "query" in parts else None
    if not isinstance(query, dict | str | None):
        parts["query"].fail("`query` is a mapping or a text.", "Write `query: {page: 2}`.")
    return Step(
        parts["name"].text() if "name" in parts else name or _unnamed(method, path),
        method,
        path,
        query,
        _headers(parts.get("headers")),
        parts["json"].plain() if "json" in parts else None,
        _plain_mapping(parts.get("form")) if "form" in parts else None,
        _files(parts.get("files")),
        parts["body"].text() if "body" in parts else None,
        "json" in parts,
        parts["content_type"].text() if "content_type" in parts else None,
        _captures(parts.get("capture")),
        parts["endpoint"].text() if "endpoint" in parts else None,
        expect,
        node.line,
    )


def _captures(node: Node | None) -> dict[str, str]:
    sources = {} if node is None else node.mapping()
    for value in sources.values():
        if why := mistake(value.text()):
            value.fail(why, f"Write {EXAMPLES}.")
    return {key: value.text() for key, value in sources.items()}


def _request(node: Node, parts: Mapping[str, Node]) -> tuple[str, str]:
    if "request" in parts:
        if "method" in parts or "path" in parts:
            node.fail("`request` already says method and path.", "Keep one of the two ways.")
        method, _, path = parts["request"].text().strip().partition(" ")
        at = parts["request"]
    elif "path" in parts:
        method = parts["method"].text() if "method" in parts else "GET"
        path, at = parts["path"].text(), parts["path"]
    else:
        node.fail("There is no request here.", "Write `request: GET /path`.")
    method, path = method.upper(), path.strip()
    if method not in METHODS:
        at.fail(f"{method!r} is no HTTP method.", "Write the request like `GET /orders?page=2`.")
    if not path.startswith(("/", "${")):
        at.fail(
            f"The path {path!r} does not begin with a slash.",
            "Write the request like `GET /orders`.",
        )
    return method, path


def _files(node: Node | None) -> Any:
    if node is None:
        return None
    for value in node.mapping().values():
        value.mapping(("filename", "content", "content_type", "base64"))
    return node.plain()
