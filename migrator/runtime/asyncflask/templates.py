"""Templates of Flask that call converted code as they called the sync code before."""

from __future__ import annotations

from jinja2 import Environment, runtime

from migrator.runtime.compat.templating import Context


def await_calls(environment: Environment) -> None:
    """Have what a call in a template returns awaited; rendering happens in the bridge.

    Otherwise a coroutine would come out of it, which is true in every `{% if %}`.
    """
    own = environment.context_class
    if own is runtime.Context:
        environment.context_class = Context
    elif not issubclass(own, Context):
        environment.context_class = type(own.__name__, (Context, own), {})
