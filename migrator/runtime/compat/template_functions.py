"""The part of an application that templates hang on: the environment, filters, tests, globals."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .running import call
from .scaffold import Scaffold
from .templating import DispatchingJinjaLoader, Environment, create_environment, update_context

if TYPE_CHECKING:
    from .app import App

F = TypeVar("F", bound=Callable[..., Any])


class TemplateFunctions(Scaffold):
    """Flask's methods for templates, to be called or overridden."""

    jinja_environment: type[Environment] = Environment
    jinja_options: dict[str, Any] = {}

    @cached_property
    def jinja_env(self) -> Environment:
        """Made at first use; `jinja_options` count until then."""
        return create_environment(cast("App", self))

    def create_global_jinja_loader(self) -> DispatchingJinjaLoader:
        return DispatchingJinjaLoader(cast("App", self))

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        return filename is None or filename.endswith((".html", ".htm", ".xml", ".xhtml", ".svg"))

    def update_template_context(self, context: dict[str, Any]) -> None:
        update_context(cast("App", self), context)

    def template_filter(self, name: str | None = None) -> Callable[[F], F]:
        return self._template_function(self.add_template_filter, name)

    def template_test(self, name: str | None = None) -> Callable[[F], F]:
        return self._template_function(self.add_template_test, name)

    def template_global(self, name: str | None = None) -> Callable[[F], F]:
        return self._template_function(self.add_template_global, name)

    def _template_function(self, add: Callable[..., None], name: str | None) -> Callable[[F], F]:
        def decorator(f: F) -> F:
            add(f, name=name)
            return f

        return decorator

    def add_template_filter(self, f: Callable[..., Any], name: str | None = None) -> None:
        self.jinja_env.filters[name or f.__name__] = _awaited(f)

    def add_template_test(self, f: Callable[..., Any], name: str | None = None) -> None:
        self.jinja_env.tests[name or f.__name__] = _awaited(f)

    def add_template_global(self, f: Callable[..., Any], name: str | None = None) -> None:
        self.jinja_env.globals[name or f.__name__] = f


def _awaited(f: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or test for Jinja's sync calls; a coroutine function is awaited in the bridge."""
    if not iscoroutinefunction(f):
        return f

    @wraps(f)
    def waiting(*args: Any, **kwargs: Any) -> Any:
        return call(f, *args, **kwargs)

    return waiting
