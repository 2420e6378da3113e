"""Jinja2 as Flask sets it up: loaders of application and blueprints, autoescaping, globals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, Template, TemplateNotFound, runtime
from jinja2 import Environment as BaseEnvironment

from .context import _app_context, _request_context, active_app, g, request, session
from .flash import get_flashed_messages
from .running import call
from .streaming import stream_with_context

if TYPE_CHECKING:
    from .app import App

TemplateSource = tuple[str, str | None, Callable[[], bool] | None]


class Context(runtime.Context):
    """A template's context. What a call in a template returns is awaited when it is awaitable.

    Rendering happens in the bridge, so a template may call converted code as it called the sync
    code before: a method of an instance, a function from a context processor.
    """

    def call(__self, __obj: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Named as in Jinja, so that a template may pass `self` and `obj` by keyword.
        return call(super().call, __obj, *args, **kwargs)


class Environment(BaseEnvironment):
    """Jinja's environment with the application's loader."""

    context_class = Context

    def __init__(self, app: App, **options: Any) -> None:
        options.setdefault("loader", app.create_global_jinja_loader())
        super().__init__(**options)
        self.app = app


class DispatchingJinjaLoader(BaseLoader):
    """Looks in the application's templates first, then in each blueprint's, by registration."""

    def __init__(self, app: App) -> None:
        self.app = app

    def _loaders(self) -> Iterator[BaseLoader]:
        for owner in (self.app, *self.app.iter_blueprints()):
            if owner.jinja_loader is not None:
                yield owner.jinja_loader

    def get_source(self, environment: BaseEnvironment, template: str) -> TemplateSource:
        for loader in self._loaders():
            try:
                return loader.get_source(environment, template)
            except TemplateNotFound:
                continue
        raise TemplateNotFound(template)

    def list_templates(self) -> list[str]:
        return list({name for loader in self._loaders() for name in loader.list_templates()})


def create_environment(app: App) -> Environment:
    """The environment of `app`, by its `jinja_options` and config."""
    options = dict(app.jinja_options)
    options.setdefault("autoescape", app.select_jinja_autoescape)
    if "auto_reload" not in options:
        auto_reload = app.config["TEMPLATES_AUTO_RELOAD"]
        options["auto_reload"] = app.debug if auto_reload is None else auto_reload
    environment = app.jinja_environment(app, **options)
    environment.globals.update(
        url_for=app.url_for,
        get_flashed_messages=get_flashed_messages,
        config=app.config,
        # For imported templates, which have no context: there the proxies are needed.
        request=request,
        session=session,
        g=g,
    )
    environment.policies["json.dumps_function"] = app.json.dumps
    return environment


def default_context() -> dict[str, Any]:
    """The objects behind the proxies, which templates reach faster."""
    context: dict[str, Any] = {}
    app_context = _app_context.get(None)
    if app_context is not None:
        context["g"] = app_context.g
    request_context = _request_context.get(None)
    if request_context is not None:
        context["request"] = request_context.request
    return context


def update_context(app: App, context: dict[str, Any]) -> None:
    """Add what the context processors give; what was passed to the template wins."""
    request_context = _request_context.get(None)
    names: list[str | None] = [None]
    if request_context is not None:
        names.extend(reversed(request_context.request.blueprints))
    given = context.copy()
    for name in names:
        for processor in app.template_context_processors.get(name, ()):
            context.update(call(processor))
    context.update(given)


def _render(app: App, template: Template, context: dict[str, Any]) -> str:
    app.update_template_context(context)
    return template.render(context)


def render_template(template_name_or_list: Any, **context: Any) -> str:
    """A template, the first that exists of a list, rendered with `context`.

    It is sync: a template may load lazily, so async code says `await bridge(render_template, …)`.
    """
    app = active_app()
    template = app.jinja_env.get_or_select_template(template_name_or_list)
    return _render(app, template, context)


def render_template_string(source: str, **context: Any) -> str:
    """A template's source, rendered with `context`."""
    app = active_app()
    return _render(app, app.jinja_env.from_string(source), context)


def stream_template(template_name_or_list: Any, **context: Any) -> Iterator[str]:
    """A template as an iterator of strings, for a streamed response."""
    app = active_app()
    template = app.jinja_env.get_or_select_template(template_name_or_list)
    return _stream(app, template, context)


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """A template's source as an iterator of strings, for a streamed response."""
    app = active_app()
    return _stream(app, app.jinja_env.from_string(source), context)


def _stream(app: App, template: Template, context: dict[str, Any]) -> Iterator[str]:
    app.update_template_context(context)
    generated = template.generate(context)
    if _request_context.get(None) is None:
        return generated
    streamed: Iterator[str] = stream_with_context(generated)
    return streamed


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """A macro or variable that a template exports."""
    return getattr(active_app().jinja_env.get_template(template_name).module, attribute)


__all__ = [
    "DispatchingJinjaLoader",
    "Environment",
    "create_environment",
    "default_context",
    "get_template_attribute",
    "render_template",
    "render_template_string",
    "stream_template",
    "stream_template_string",
    "update_context",
]
