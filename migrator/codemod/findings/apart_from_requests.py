"""Functions that commands and tasks alone run: what keeps their thread waiting keeps no request waiting."""

from __future__ import annotations

from migrator.codemod.convert import Conversion
from migrator.eager.together import Together

_KINDS = frozenset({"command", "task"})
#: Decorators whose functions run in a process or a thread of their own.
_DECORATORS = (
    "apscheduler.", "celery.", "click.", "dramatiq.", "flask.cli.", "flask_script.", "huey.", "rq.",
)  # fmt: skip


class ApartFromRequests:
    """`key in apart`: only commands and tasks lead to a function, whatever calls it.

    What nothing is seen to call counts as run by requests, and so does what a framework may call.
    """

    def __init__(self, conversion: Conversion) -> None:
        assert conversion.surface is not None
        self._surface = conversion.surface
        self._facts = conversion.state.facts
        self._together = Together(conversion.state, conversion.decisions.wrapped_by)

    def __contains__(self, key: object) -> bool:
        assert isinstance(key, str)
        seen = [key]
        for function in seen:
            callers = self._together.callers(function)
            if self._is_own(function):
                callers = {c for c in callers if self._calls(c, function)}
            elif not callers or self._is_offered(function):
                return False
            seen += sorted(callers.difference(seen))
        return True

    def _is_own(self, key: str) -> bool:
        entry = self._surface.entries.get(key)
        if entry is not None:
            return _KINDS.issuperset({entry.kind, *entry.kinds})
        return any(d.startswith(_DECORATORS) for d in self._surface.decorated.get(key, ()))

    def _is_offered(self, key: str) -> bool:
        return key in self._surface.entries or key in self._together.registered

    def _calls(self, caller: str, task: str) -> bool:
        """Whether a task is called there and then; `task.delay(...)` leaves that to its queue."""
        return any(f.kind == "call" and task in f.callees for f in self._facts.get(caller, ()))
