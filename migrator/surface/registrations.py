"""What a call of a registration method on an application, a blueprint or an extension records."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from migrator.index.definitions import Module
from migrator.surface.smorest import SMOREST_BLUEPRINT, smorest_endpoint
from migrator.surface.statements import elements
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Const,
    FunctionValue,
    Hook,
    LambdaValue,
    Method,
    PartialValue,
    Pending,
    Registered,
    Route,
    Scaffold,
    Value,
    ViewClass,
)

#: Flask's route methods and the HTTP methods that each implies (None: GET, or `methods=`).
ROUTES: Mapping[str, tuple[str, ...] | None] = {
    "route": None,
    "add_url_rule": None,
    "get": ("GET",),
    "post": ("POST",),
    "put": ("PUT",),
    "delete": ("DELETE",),
    "patch": ("PATCH",),
}

#: Methods that take the function itself: the kind of entry they make.
HOOKS: Mapping[str, str] = {
    "before_request": "hook",
    "after_request": "hook",
    "before_app_request": "hook",
    "after_app_request": "hook",
    "before_first_request": "hook",
    "before_app_first_request": "hook",
    "teardown_request": "teardown",
    "teardown_app_request": "teardown",
    "teardown_appcontext": "teardown",
    "context_processor": "context_processor",
    "app_context_processor": "context_processor",
    "url_value_preprocessor": "url_processor",
    "app_url_value_preprocessor": "url_processor",
    "url_defaults": "url_processor",
    "app_url_defaults": "url_processor",
    "shell_context_processor": "shell",
    "record": "setup",
    "record_once": "setup",
}

#: Methods that take a name (or a code) and then the function.
NAMED_HOOKS: Mapping[str, str] = {
    "errorhandler": "error_handler",
    "app_errorhandler": "error_handler",
    "template_filter": "template_helper",
    "template_global": "template_helper",
    "template_test": "template_helper",
    "app_template_filter": "template_helper",
    "app_template_global": "template_helper",
    "app_template_test": "template_helper",
    "cli.command": "command",
    "cli.group": "command",
}

#: Plain calls: the kind of entry, and the position of the function among the arguments.
CALLS: Mapping[str, tuple[str, int]] = {
    "register_error_handler": ("error_handler", 1),
    "add_error_handler": ("operation", 1),
    "add_template_filter": ("template_helper", 0),
    "add_template_global": ("template_helper", 0),
    "add_template_test": ("template_helper", 0),
    "add_app_template_filter": ("template_helper", 0),
    "add_app_template_global": ("template_helper", 0),
    "add_app_template_test": ("template_helper", 0),
    "cli.add_command": ("command", 0),
}

#: Registration methods of extension objects, by the last part of the method's name.
EXTENSION_HOOKS: Mapping[str, str] = {
    "user_loader": "loader",
    "request_loader": "loader",
    "header_loader": "loader",
    "unauthorized_handler": "loader",
    "needs_refresh_handler": "loader",
    "user_identity_loader": "loader",
    "user_lookup_loader": "loader",
    "verify_password": "loader",
    "get_password": "loader",
    "verify_token": "loader",
    "connect": "signal",
    "connect_via": "signal",
    "task": "task",
    "command": "command",
    "group": "command",
    "option": "command",
}
#: What registers a blueprint, and what it calls it: Flask's, and Flask-OpenAPI3's.
REGISTERING = {"register_blueprint": "blueprint", "register_api": "api"}


def register(scaffold: Scaffold, method: str, call: Call) -> Value | None:
    """Record the call `scaffold.method(...)`; None when it registers nothing."""
    if method in ROUTES:
        return _route(scaffold, method, call)
    node, module = call.node, call.module
    if method in REGISTERING:
        own = REGISTERING[method]
        blueprint, options = call.argument(0, own), dict(call.keywords)
        if isinstance(blueprint, Scaffold):
            options.pop(own, None)
        else:
            blueprint = Scaffold("unknown", node, module, [], {})
        scaffold.events.append(Registered(blueprint, options, node, module))
        return Const(None)
    if method in HOOKS and call.args:
        return _hooked(scaffold, HOOKS[method], method, call)
    if method in NAMED_HOOKS:
        if call.decorates is not None and call.args and isinstance(call.args[0], FunctionValue):
            # `@app.cli.command` and `@app.template_filter` without parentheses.
            return _hooked(scaffold, NAMED_HOOKS[method], method, call)
        return Pending(Method(scaffold, method), call)
    if method in CALLS:
        kind, position = CALLS[method]
        view = call.argument(position, "f")
        scaffold.hooks.append(Hook(kind, view, node, module, method))
        return Const(None)
    return None


def _hooked(scaffold: Scaffold, kind: str, method: str, call: Call) -> Value:
    view = call.args[0]
    scaffold.hooks.append(Hook(kind, view, call.node, call.module, method, call.decorates))
    return view


def _route(scaffold: Scaffold, method: str, call: Call) -> Value:
    if method != "add_url_rule":
        return Pending(Method(scaffold, method), call)
    positional = dict(zip(("rule", "endpoint", "view_func"), call.args, strict=False))
    options = {**positional, **call.keywords}
    view = options.pop("view_func", UNKNOWN)
    add_route(scaffold, method, options, view, call.node, call.module, None)
    return Const(None)


def add_route(
    scaffold: Scaffold,
    method: str,
    options: dict[str, Value],
    view: Value,
    node: ast.Call,
    module: Module,
    decorates: ast.AST | None,
) -> None:
    """Record one rule."""
    options = dict(options)
    rule = options.pop("rule", UNKNOWN)
    endpoint = options.pop("endpoint", Const(None))
    if scaffold.dotted in SMOREST_BLUEPRINT:
        endpoint = smorest_endpoint(scaffold, endpoint, view)
    if isinstance(view, ClassValue):
        view = ViewClass(view, Const(view.info.name), made=False)
    implied = ROUTES[method]
    methods = implied if implied is not None else method_names(options.get("methods"))
    route = Route(rule, endpoint, options, methods, view, node, module, decorates)
    scaffold.routes.append(route)
    scaffold.events.append(route)


def complete(pending: Pending, view: Value, decorates: ast.AST | None) -> Value:
    """Apply a registration method that waited for its function."""
    owner, call = pending.method.owner, pending.call
    method = pending.method.name
    if isinstance(owner, Scaffold):
        if method in ROUTES:
            options = {**dict(zip(("rule",), call.args, strict=False)), **call.keywords}
            add_route(owner, method, options, view, call.node, call.module, decorates)
        else:
            kind = NAMED_HOOKS[method]
            owner.hooks.append(Hook(kind, view, call.node, call.module, method, decorates))
    return view


def method_names(value: Value | None) -> tuple[str, ...] | None:
    """`methods=[...]` as upper-case names; None when absent, ("?",) when not static."""
    if value is None or value == Const(None):
        return None
    found = elements(value)
    if found is None or not all(isinstance(i, Const) for i in found):
        return ("?",)
    return tuple(str(i.value).upper() for i in found if isinstance(i, Const))


def is_function(value: Value) -> bool:
    """Whether a value can be decorated."""
    return isinstance(value, FunctionValue | LambdaValue | PartialValue | ClassValue)
