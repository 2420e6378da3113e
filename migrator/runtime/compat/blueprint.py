"""`Blueprint`: what it is told is recorded, and replayed on the application it is registered on."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import APIRouter

from .cli import lazy_group
from .registration import Routes
from .rules import joined
from .scaffold import endpoint_of

if TYPE_CHECKING:
    from .app import App

F = TypeVar("F", bound=Callable[..., Any])

_UNSET: Any = object()


@dataclass
class BlueprintSetupState:
    """One registration of a blueprint: on which application, with which options."""

    app: App
    blueprint: Blueprint
    options: dict[str, Any]
    first_registration: bool

    def __post_init__(self) -> None:
        prefix = self.options.get("url_prefix")
        self.url_prefix: str | None = prefix if prefix is not None else self.blueprint.url_prefix
        subdomain = self.options.get("subdomain")
        self.subdomain = subdomain if subdomain is not None else self.blueprint.subdomain
        self.name: str = self.options.get("name", self.blueprint.name)
        self.name_prefix: str = self.options.get("name_prefix", "")
        self.url_defaults = {
            **self.blueprint.url_values_defaults,
            **(self.options.get("url_defaults") or {}),
        }

    def add_view(
        self,
        path: str,
        view_func: Callable[..., Any] | None,
        *,
        endpoint: str | None = None,
        rule_options: dict[str, Any] | None = None,
        fastapi_options: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Register a view with this blueprint's prefixes."""
        rule_options = dict(rule_options or {})
        rule_options.setdefault("subdomain", self.subdomain)
        rule_options["defaults"] = {**self.url_defaults, **(rule_options.get("defaults") or {})}
        name = endpoint if endpoint is not None else endpoint_of(view_func)
        self.app.add_view(
            joined(self.url_prefix, path),
            view_func,
            endpoint=f"{self.name_prefix}.{self.name}.{name}".lstrip("."),
            rule_options=rule_options,
            fastapi_options=self.blueprint.combined_options(fastapi_options or {}),
            **options,
        )

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        *,
        methods: Collection[str] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Flask's name and arguments, for functions given to `record`."""
        self.add_view(
            rule,
            view_func,
            endpoint=endpoint,
            methods=methods,
            provide_automatic_options=provide_automatic_options,
            plain=True,
            rule_options=options,
        )


Deferred = Callable[[BlueprintSetupState], Any]


class Blueprint(Routes, APIRouter):  # type: ignore[misc]
    """A set of routes and hooks, registered with `app.register_blueprint`.

    It is an APIRouter too: `dependencies`, `tags` and `responses` are those of FastAPI, and
    apply to each of its routes.
    """

    # Starlette's Router compares by its routes, and so can't be a key or an item of a set.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(
        self,
        name: str,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        url_prefix: str | None = None,
        subdomain: str | None = None,
        url_defaults: dict[str, Any] | None = None,
        root_path: str | None = None,
        cli_group: str | None = _UNSET,
        **router_options: Any,
    ) -> None:
        if not name:
            raise ValueError("'name' may not be empty.")
        if "." in name:
            raise ValueError("'name' may not contain a dot '.' character.")
        APIRouter.__init__(self, **router_options)
        self._init_scaffold(import_name, static_folder, static_url_path, template_folder, root_path)
        self.name = name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.url_values_defaults = url_defaults or {}
        self.cli_group = cli_group
        self.cli = lazy_group(name)
        self.deferred_functions: list[Deferred] = []
        self._blueprints: list[tuple[Blueprint, dict[str, Any]]] = []
        self._registered = False

    @property
    def root_path(self) -> str:
        """The folder of the package that the blueprint belongs to."""
        return self._root_path

    def combined_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """A route's FastAPI options with those of the blueprint before them."""
        combined = dict(options)
        if self.dependencies:
            combined["dependencies"] = [*self.dependencies, *(options.get("dependencies") or [])]
        if self.tags:
            combined["tags"] = [*self.tags, *(options.get("tags") or [])]
        if self.responses:
            combined["responses"] = {**self.responses, **(options.get("responses") or {})}
        return combined

    # Recording

    def record(self, func: Deferred) -> None:
        """Call `func(state)` each time the blueprint is registered."""
        if self._registered:
            raise AssertionError(
                f"The blueprint '{self.name}' has already been registered: what is added now would "
                "not reach the application. Register it after everything has been set up."
            )
        self.deferred_functions.append(func)

    def record_once(self, func: Deferred) -> None:
        """Call `func(state)` the first time only."""

        def wrapper(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(update_wrapper(wrapper, func))

    def add_view(self, path: str, view_func: Callable[..., Any] | None, **options: Any) -> None:
        endpoint = options.get("endpoint")
        if endpoint and "." in endpoint:
            raise ValueError("'endpoint' may not contain a dot '.' character.")
        self.record(lambda state: state.add_view(path, view_func, **options))

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], name: str | None = None, **options: Any
    ) -> None:
        """Register a websocket; it runs as FastAPI's, with `current_app` and `db.session`."""
        dependencies = [*self.dependencies, *(options.pop("dependencies", None) or [])]
        self.record(
            lambda state: state.app.add_api_websocket_route(
                joined(state.url_prefix, path), endpoint, name, dependencies=dependencies, **options
            )
        )

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Nest a blueprint: its name and prefix come after this one's."""
        if blueprint is self:
            raise ValueError("Cannot register a blueprint on itself")
        self._blueprints.append((blueprint, options))

    # Hooks for the whole application

    def before_app_request(self, f: F) -> F:
        self.record_once(lambda state: state.app.before_request(f))
        return f

    def after_app_request(self, f: F) -> F:
        self.record_once(lambda state: state.app.after_request(f))
        return f

    def teardown_app_request(self, f: F) -> F:
        self.record_once(lambda state: state.app.teardown_request(f))
        return f

    def app_context_processor(self, f: F) -> F:
        self.record_once(lambda state: state.app.context_processor(f))
        return f

    def app_url_value_preprocessor(self, f: F) -> F:
        self.record_once(lambda state: state.app.url_value_preprocessor(f))
        return f

    def app_url_defaults(self, f: F) -> F:
        self.record_once(lambda state: state.app.url_defaults(f))
        return f

    def app_errorhandler(self, code: type[Exception] | int) -> Callable[[F], F]:
        def decorator(f: F) -> F:
            self.record_once(lambda state: state.app.register_error_handler(code, f))
            return f

        return decorator

    def app_template_filter(self, name: str | None = None) -> Callable[[F], F]:
        return self._later("add_template_filter", name)

    def app_template_test(self, name: str | None = None) -> Callable[[F], F]:
        return self._later("add_template_test", name)

    def app_template_global(self, name: str | None = None) -> Callable[[F], F]:
        return self._later("add_template_global", name)

    def add_app_template_filter(self, f: Callable[..., Any], name: str | None = None) -> None:
        self._later("add_template_filter", name)(f)

    def add_app_template_test(self, f: Callable[..., Any], name: str | None = None) -> None:
        self._later("add_template_test", name)(f)

    def add_app_template_global(self, f: Callable[..., Any], name: str | None = None) -> None:
        self._later("add_template_global", name)(f)

    def _later(self, method: str, name: str | None) -> Callable[[F], F]:
        def decorator(f: F) -> F:
            self.record_once(lambda state: getattr(state.app, method)(f, name=name))
            return f

        return decorator

    # Registration

    def make_setup_state(
        self, app: App, options: dict[str, Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        return BlueprintSetupState(app, self, options, first_registration)

    def register(self, app: App, options: dict[str, Any]) -> None:
        """What `app.register_blueprint` calls; raises ValueError when the name is taken."""
        own_name = options.get("name", self.name)
        name = f"{options.get('name_prefix', '')}.{own_name}".lstrip(".")
        if name in app.blueprints:
            which = "this" if app.blueprints[name] is self else "a different"
            where = f" '{name}'" if own_name != name else ""
            raise ValueError(
                f"The name '{own_name}' is already registered for {which} blueprint{where}. Use "
                "'name=' to provide a unique name."
            )
        first = not any(blueprint is self for blueprint in app.blueprints.values())
        app.blueprints[name] = self
        self._registered = True
        state = self.make_setup_state(app, options, first)
        if self.has_static_folder:
            state.add_view(
                f"{self.static_url_path}/<path:filename>", self.send_static_file, endpoint="static"
            )
        self._merge_into(app, name)
        for deferred in self.deferred_functions:
            deferred(state)
        self._merge_commands(app, name, options)
        for blueprint, child_options in self._blueprints:
            blueprint.register(app, self._child_options(state, name, blueprint, child_options))

    def _child_options(
        self, state: BlueprintSetupState, name: str, child: Blueprint, options: dict[str, Any]
    ) -> dict[str, Any]:
        merged = dict(options)
        prefix = options.get("url_prefix")
        prefix = prefix if prefix is not None else child.url_prefix
        if state.url_prefix is not None and prefix is not None:
            prefix = f"{state.url_prefix.rstrip('/')}/{prefix.lstrip('/')}"
        merged["url_prefix"] = prefix if prefix is not None else state.url_prefix
        subdomain = options.get("subdomain")
        subdomain = subdomain if subdomain is not None else child.subdomain
        if state.subdomain is not None and subdomain is not None:
            subdomain = f"{subdomain}.{state.subdomain}"
        merged["subdomain"] = subdomain if subdomain is not None else state.subdomain
        merged["name_prefix"] = name
        return merged

    def _merge_into(self, app: App, name: str) -> None:
        def key_of(key: str | None) -> str:
            return name if key is None else f"{name}.{key}"

        for key, by_code in self.error_handler_spec.items():
            for code, by_class in by_code.items():
                app.error_handler_spec[key_of(key)][code].update(by_class)
        app.view_functions.update(self.view_functions)
        for hooks in (
            "before_request_funcs",
            "after_request_funcs",
            "teardown_request_funcs",
            "url_default_functions",
            "url_value_preprocessors",
            "template_context_processors",
        ):
            target = getattr(app, hooks)
            for key, functions in getattr(self, hooks).items():
                target[key_of(key)].extend(functions)

    def _merge_commands(self, app: App, name: str, options: dict[str, Any]) -> None:
        if not self.cli.made:
            return
        group = options.get("cli_group", self.cli_group)
        if group is None:
            for command_name, command in self.cli.commands.items():
                app.cli.add_command(command, command_name)
        else:
            self.cli.name = name if group is _UNSET else group
            app.cli.add_command(self.cli.group)
