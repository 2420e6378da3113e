"""`App`: a FastAPI application with Flask's registration methods and Flask's wire behaviour."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, ValuesView
from contextlib import AbstractAsyncContextManager
from typing import IO, Any, TypeVar

import werkzeug.utils
from fastapi import FastAPI
from werkzeug.exceptions import Aborter
from werkzeug.routing import BuildError, Map, MapAdapter
from werkzeug.wrappers import Response as ResponseBase

from migrator.runtime.db.forgotten import watch_for_forgotten
from migrator.runtime.db.pagination import install_request_args
from migrator.runtime.db.scope import Scope
from migrator.runtime.db.twins import dispose_twins
from migrator.runtime.threads.registries import separate_requests

from .asgi import Asgi
from .blueprint import Blueprint
from .cli import lazy_group
from .config import Config
from .context import AppContext, RequestContext, _request_context, g
from .flask_context import FlaskContext
from .json import DefaultJSONProvider, JSONProvider
from .native import CompatRoute, is_native
from .paths import instance_path_of
from .registration import Routes
from .request import Request
from .response import Response
from .rules import (
    CompatRule,
    as_fastapi_path,
    as_flask_rule,
    flask_parameters,
    make_map,
    path_parameters,
)
from .running import call
from .scaffold import endpoint_of
from .session_cookie import SecureCookieSessionInterface
from .shared import shared_instance_path
from .template_functions import TemplateFunctions
from .templating import default_context
from .urls import UrlBuildFallback, adapter_for_request, build_url

F = TypeVar("F", bound=Callable[..., Any])


class App(Routes, TemplateFunctions, Asgi):
    """The target of `Flask(...)`: the same arguments and attributes, served over ASGI.

    Keyword arguments of FastAPI are passed on; its documentation routes are off unless asked for.
    `url_build_fallback` is where the mount lets `url_for` reach legacy endpoints, `flask_context`
    where it gives views Flask's own context variables.
    """

    request_class: type[Request] = Request
    response_class: type[Response] = Response
    aborter_class = Aborter
    config_class = Config
    json_provider_class: type[JSONProvider] = DefaultJSONProvider
    url_rule_class: type[CompatRule] = CompatRule
    url_map_class: type[Map] = Map
    test_client_class: Any = None
    run_command: Callable[[Any], Any] = staticmethod(asyncio.run)
    """Runs the coroutine of a command; the test runner puts its own event loop here."""
    url_build_fallback: UrlBuildFallback | None = None
    flask_context: FlaskContext | None = None

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
        **fastapi_options: Any,
    ) -> None:
        self._init_scaffold(import_name, static_folder, static_url_path, template_folder, root_path)
        if instance_path is None:
            instance_path = shared_instance_path() or instance_path_of(import_name, self.name)
        elif not os.path.isabs(instance_path):
            raise ValueError(
                "If an instance path is provided it must be absolute. A relative path was given "
                "instead."
            )
        self.instance_path = instance_path
        self.config = self.make_config(instance_relative_config)
        for route in ("openapi_url", "docs_url", "redoc_url"):
            # They would shadow the legacy application's own URLs.
            fastapi_options.setdefault(route, None)
        fastapi_options.setdefault("title", self.name)
        FastAPI.__init__(self, debug=bool(self.config["DEBUG"]), **fastapi_options)
        self.root_path = self._root_path
        install_request_args(_query_arguments)
        separate_requests()
        watch_for_forgotten(import_name)
        self.aborter = self.aborter_class()
        self.json = self.json_provider_class(self)
        self.session_interface = SecureCookieSessionInterface()
        self.extensions: dict[str, Any] = {}
        self.blueprints: dict[str, Blueprint] = {}
        self.url_build_error_handlers: list[Callable[[Exception, str, dict[str, Any]], Any]] = []
        self.teardown_appcontext_funcs = []
        self.shell_context_processors: list[Callable[..., dict[str, Any]]] = []
        self.template_context_processors[None].append(default_context)
        self.url_map = make_map(self.url_map_class, host_matching)
        self.subdomain_matching = subdomain_matching
        self.cli: Any = lazy_group(self.name, self)
        if self.has_static_folder:
            self.add_url_rule(
                f"{self.static_url_path}/<path:filename>",
                endpoint="static",
                host=static_host,
                view_func=self.send_static_file,
            )

    # Setting it up

    def add_view(
        self,
        path: str,
        view_func: Callable[..., Any] | None,
        *,
        endpoint: str | None = None,
        methods: Collection[str] | None = None,
        provide_automatic_options: bool | None = None,
        rule_options: dict[str, Any] | None = None,
        fastapi_options: dict[str, Any] | None = None,
        plain: bool = False,
    ) -> None:
        """Register a rule and its route; both syntaxes, all options of both frameworks."""
        endpoint = endpoint if endpoint is not None else endpoint_of(view_func)
        if methods is None:
            methods = getattr(view_func, "methods", None) or ("GET",)
        if isinstance(methods, str):
            raise TypeError(
                'Allowed methods must be a list of strings, for example: @app.route(..., methods=["POST"])'
            )
        allowed = {method.upper() for method in methods}
        allowed |= set(getattr(view_func, "required_methods", ()))
        if provide_automatic_options is None:
            provide_automatic_options = getattr(view_func, "provide_automatic_options", None)
        if provide_automatic_options is None:
            provide_automatic_options = (
                "OPTIONS" not in allowed and self.config["PROVIDE_AUTOMATIC_OPTIONS"]
            )
        if provide_automatic_options:
            allowed.add("OPTIONS")
        rule_options = dict(rule_options or {})
        if not rule_options.get("defaults"):
            rule_options["defaults"] = None
        rule = self.url_rule_class(
            as_flask_rule(path), methods=allowed, endpoint=endpoint, **rule_options
        )
        rule.provide_automatic_options = bool(provide_automatic_options)
        self.url_map.add(rule)
        if view_func is None:
            return
        known = self.view_functions.get(endpoint)
        if known is not None and known != view_func:
            raise AssertionError(
                f"View function mapping is overwriting an existing endpoint function: {endpoint}"
            )
        self.view_functions[endpoint] = view_func
        self._add_route(path, view_func, rule, allowed, fastapi_options or {}, plain)

    def _add_route(
        self,
        path: str,
        view: Callable[..., Any],
        rule: CompatRule,
        methods: set[str],
        options: dict[str, Any],
        plain: bool,
    ) -> None:
        fastapi_path = as_fastapi_path(path, self.url_map)
        parameters = path_parameters(fastapi_path)
        # What stands in Flask's syntax is Flask's to convert, whatever the view's types say.
        converted = flask_parameters(path)
        own = {name: kind for name, kind in parameters.items() if name not in converted}
        twins = [
            route
            for route in self.router.routes
            if isinstance(route, CompatRoute) and route.view == view
        ]
        elsewhere = {
            *converted,
            *(rule.defaults or {}),
            *(name for twin in twins for name in (*twin.param_convertors, *twin.defaults)),
        }
        shown = set(methods) | ({"HEAD"} if "GET" in methods else set())
        if rule.provide_automatic_options:
            shown.discard("OPTIONS")
        options = dict(options)
        options.setdefault("include_in_schema", rule.endpoint.rpartition(".")[2] != "static")
        plain = not is_native(view, own, elsewhere, options, plain=plain)
        rule.route = CompatRoute.make(
            fastapi_path,
            view,
            plain=plain,
            parameters=parameters,
            defaults=rule.defaults or (),
            options=options,
            methods=shown,
            name=rule.endpoint,
            dependency_overrides_provider=self,
        )
        self.router.routes.append(rule.route)
        for twin in twins:
            # A parameter that looked like a query parameter may come from this rule's URL.
            if not twin.plain and not is_native(
                view, twin.parameters, {*elsewhere, *parameters}, {}
            ):
                twin.plain = True

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Register a blueprint; `url_prefix`, `name`, … override its own.

        One of Flask's own, as a module has it that was copied unchanged, is left to the mount.
        """
        if not isinstance(blueprint, Blueprint):
            self.logger.warning(
                f"The blueprint {blueprint.name!r} is one of Flask's: its endpoints are not served here."
            )
            return
        blueprint.register(self, options)

    def include_router(self, router: Any, **options: Any) -> None:
        """A blueprint is registered as one; any other router is FastAPI's."""
        if isinstance(router, Blueprint):
            self.register_blueprint(router, url_prefix=options.get("prefix") or None)
        else:
            super().include_router(router, **options)

    def openapi(self) -> dict[str, Any]:
        """FastAPI's schema, without the HEAD that comes with every GET."""
        answering = [
            route.methods
            for route in self.router.routes
            if isinstance(route, CompatRoute) and route.methods and {"GET", "HEAD"} <= route.methods
        ]
        for methods in answering:
            methods.discard("HEAD")
        try:
            return super().openapi()
        finally:
            for methods in answering:
                methods.add("HEAD")

    def iter_blueprints(self) -> ValuesView[Blueprint]:
        return self.blueprints.values()

    def teardown_appcontext(self, f: F) -> F:
        """Run `f(error or None)` when a context ends: after a request, or a command."""
        self.teardown_appcontext_funcs.append(f)
        return f

    def shell_context_processor(self, f: F) -> F:
        """Kept for `make_shell_context`; nothing here starts a shell."""
        self.shell_context_processors.append(f)
        return f

    def make_shell_context(self) -> dict[str, Any]:
        context: dict[str, Any] = {"app": self, "g": g}
        for processor in self.shell_context_processors:
            context.update(processor())
        return context

    # URLs and responses

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is not None:
            return adapter_for_request(self, request)
        if self.config["SERVER_NAME"] is not None:
            return self.url_map.bind(
                self.config["SERVER_NAME"],
                script_name=self.config["APPLICATION_ROOT"],
                url_scheme=self.config["PREFERRED_URL_SCHEME"],
            )
        return None

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """See `compat.url_for`."""
        return build_url(
            self,
            endpoint,
            values,
            anchor=_anchor,
            method=_method,
            scheme=_scheme,
            external=_external,
        )

    def handle_url_build_error(
        self, error: BuildError, endpoint: str, values: dict[str, Any]
    ) -> str:
        """What a handler of `url_build_error_handlers` gives instead; raises BuildError."""
        for handler in self.url_build_error_handlers:
            try:
                url: str | None = call(handler, error, endpoint, values)
            except BuildError as again:
                error = again
            else:
                if url is not None:
                    return url
        raise error

    def redirect(self, location: str, code: int = 302) -> ResponseBase:
        return werkzeug.utils.redirect(location, code=code, Response=self.response_class)

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file of the instance folder."""
        path = os.path.join(self.instance_path, resource)
        return open(path, mode, encoding=None if "b" in mode else encoding)

    def ensure_sync(self, func: F) -> F:
        """Flask's name; here a function is run by what it returns, so nothing is wrapped."""
        return func

    # Contexts and the database

    def app_context(self) -> AppContext:
        """`async with` for code that uses the database, `with` for code that does not."""
        return AppContext(self)

    def request_context(self, environ: dict[str, Any]) -> RequestContext:
        """The context of a WSGI environ, for tests."""
        request = self.request_class(environ)
        request.json_module = self.json
        return RequestContext(self, request)

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """The context of a made-up request; werkzeug's EnvironBuilder arguments."""
        from .testing import environ_of

        return self.request_context(environ_of(self, *args, **kwargs))

    def test_client(self, use_cookies: bool = True, **kwargs: Any) -> Any:
        """A synchronous client with the interface of Flask's, which calls the ASGI application."""
        from .testing import CompatClient

        client_class = self.test_client_class or CompatClient
        return client_class(self, use_cookies=use_cookies, **kwargs)

    def test_cli_runner(self, **kwargs: Any) -> Any:
        """click's runner for the commands of `app.cli`."""
        from .testing import cli_runner

        return cli_runner(self, **kwargs)

    def database_scope(self) -> AbstractAsyncContextManager[Any] | None:
        """A scope of the database in `extensions["sqlalchemy"]`; None without one."""
        database = self.extensions.get("sqlalchemy")
        if database is None:
            return None
        scope: Scope = database.scope(self)
        scope.plain_callers = True
        return scope

    async def dispose_database(self, *, keep_memory: bool = False) -> None:
        """Close the database's connections, which belong to the event loop that is ending.

        `keep_memory`: but for that of a database in memory, which would be lost.
        """
        database = self.extensions.get("sqlalchemy")
        if database is not None:
            await database.dispose(self, keep_memory=keep_memory)
        await dispose_twins()


def _query_arguments() -> Any:
    """What `paginate` reads `page` and `per_page` from."""
    context = _request_context.get(None)
    return context.request.args if context is not None else None
