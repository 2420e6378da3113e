"""Registries that another distribution makes (`scoped_session`): a session for each request, not for the loop's thread.

What the application itself makes is converted. An extension that keeps its sessions in a registry would
give all requests of the loop one session, which the first that ends closes under the others: what they
have written until then is gone, without an error.
https://docs.sqlalchemy.org/en/20/orm/contextual.html#thread-local-scope
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.util import ThreadLocalRegistry

from migrator.runtime.threads.local import local
from migrator.runtime.threads.whose import task_at_hand


class _RegistryOfRequests:
    """The methods of `ThreadLocalRegistry`, which keeps its `threading.local` where no loop runs."""

    registry: Any
    createfunc: Any

    def __call__(self) -> Any:
        kept = _kept(self)
        try:
            return kept.value
        except AttributeError:
            made = kept.value = self.createfunc()
            return made

    def has(self) -> bool:
        return hasattr(_kept(self), "value")

    def set(self, obj: Any) -> None:
        _kept(self).value = obj

    def clear(self) -> None:
        if self.has():
            del _kept(self).value


def _kept(registry: Any) -> Any:
    if task_at_hand() is None:
        return registry.registry
    return vars(registry).setdefault("of_requests", local())


def separate_requests() -> None:
    """From now on requests that take turns on one thread share no session, whoever made the registry."""
    for name in ("__call__", "has", "set", "clear"):
        setattr(ThreadLocalRegistry, name, vars(_RegistryOfRequests)[name])
