"""Retries of other distributions around sync functions: between two attempts they sleep on the event loop."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import Module
from migrator.surface.scopes import Scopes

#: What makes them, and how the keywords begin that have them sleep; "" where they always do.
RETRIES = {
    "tenacity.retry": "wait", "tenacity.Retrying": "wait", "retrying.retry": "wait",
    "retrying.Retrying": "wait", "retry.retry": "delay", "retry.api.retry": "delay",
    "retry.api.retry_call": "delay", "backoff.on_exception": "", "backoff.on_predicate": "",
}  # fmt: skip

_SLEEP = (
    "Give it `sleep=lambda seconds: in_thread(time.sleep, seconds)`, with in_thread of "
    "migrator.runtime.threads."
)
_OTHER = "Retry by tenacity, which can be given its `sleep=`, or in a function that a queue runs."


def sleeping_retries(module: Module, scopes: Scopes, apart: Container[str]) -> Iterator[Finding]:
    """A note for each of them; what is in `apart` keeps no request waiting."""
    decorated = {id(d): f for f in module.functions for d in f.node.decorator_list}
    for node, name in scopes.calls:
        if name not in RETRIES or not _sleeps(node, RETRIES[name]):
            continue
        function = decorated.get(id(node))
        if function is not None and (function.is_async or function.key in apart):
            continue
        yield finding_at(
            module,
            node,
            "MIG112",
            f"{name} sleeps between two attempts, on the event loop, and every request waits.",
            hint=_SLEEP if name.startswith("tenacity.") else _OTHER,
            severity="info",
        )


def _sleeps(node: ast.Call, keyword: str) -> bool:
    given = [k.arg or "" for k in node.keywords]
    return "sleep" not in given and (
        not keyword or any(k.startswith(keyword) or not k for k in given)
    )
