"""What App and Blueprint have in common: hooks, error handlers, routes, templates, static files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from jinja2 import BaseLoader, FileSystemLoader

from .context import active_app
from .errors import ErrorHandler, ErrorHandlerSpec, exception_class_and_code
from .files import send_from_directory
from .paths import root_path_of

if TYPE_CHECKING:
    from .response import Response

F = TypeVar("F", bound=Callable[..., Any])
Hooks = dict[str | None, list[Callable[..., Any]]]


def _hooks() -> Hooks:
    return defaultdict(list)


class Scaffold:
    """Registration as in Flask; every function may be `def` (runs in the bridge) or `async def`."""

    name: str
    import_name: str
    _static_folder: str | None
    _static_url_path: str | None

    def _init_scaffold(
        self,
        import_name: str,
        static_folder: str | os.PathLike[str] | None,
        static_url_path: str | None,
        template_folder: str | os.PathLike[str] | None,
        root_path: str | None,
    ) -> None:
        # Not __init__: FastAPI's classes have their own arguments and don't call super().
        self.import_name = import_name
        self._static_folder = os.fspath(static_folder).rstrip("\\/") if static_folder else None
        self._static_url_path = static_url_path.rstrip("/") if static_url_path else static_url_path
        self.template_folder = template_folder
        self._root_path = root_path if root_path is not None else root_path_of(import_name)
        self.view_functions: dict[str, Callable[..., Any]] = {}
        self.error_handler_spec: ErrorHandlerSpec = defaultdict(lambda: defaultdict(dict))
        self.before_request_funcs = _hooks()
        self.after_request_funcs = _hooks()
        self.teardown_request_funcs = _hooks()
        self.template_context_processors = _hooks()
        self.url_value_preprocessors = _hooks()
        self.url_default_functions = _hooks()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    # Hooks

    def before_request(self, f: F) -> F:
        """Run `f()` before each view; what it returns, unless None, is the answer."""
        self.before_request_funcs[None].append(f)
        return f

    def after_request(self, f: F) -> F:
        """Run `f(response)` after each view, the last registered first; it returns a response."""
        self.after_request_funcs[None].append(f)
        return f

    def teardown_request(self, f: F) -> F:
        """Run `f(error or None)` when the response has been made; only unhandled errors show."""
        self.teardown_request_funcs[None].append(f)
        return f

    def context_processor(self, f: F) -> F:
        """Add the dict that `f()` returns to every template's context."""
        self.template_context_processors[None].append(f)
        return f

    def url_value_preprocessor(self, f: F) -> F:
        """Run `f(endpoint, view_args)` before every other hook; it may change view_args."""
        self.url_value_preprocessors[None].append(f)
        return f

    def url_defaults(self, f: F) -> F:
        """Run `f(endpoint, values)` whenever a URL is built; it may add values."""
        self.url_default_functions[None].append(f)
        return f

    def errorhandler(self, code_or_exception: type[Exception] | int) -> Callable[[F], F]:
        """Register a handler for a status code or an exception class."""

        def decorator(f: F) -> F:
            self.register_error_handler(code_or_exception, f)
            return f

        return decorator

    def register_error_handler(
        self, code_or_exception: type[Exception] | int, f: ErrorHandler
    ) -> None:
        """`errorhandler` without decorating."""
        cls, code = exception_class_and_code(code_or_exception)
        self.error_handler_spec[None][code][cls] = f

    # Routes

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
        raise NotImplementedError

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        *,
        methods: Collection[str] | None = None,
        **options: Any,
    ) -> None:
        """Register a rule, in Flask's syntax or FastAPI's, for an endpoint."""
        self.add_view(
            rule,
            view_func,
            endpoint=endpoint,
            methods=methods,
            provide_automatic_options=provide_automatic_options,
            rule_options=options,
            plain=True,
        )

    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Register the view function of an endpoint whose rule was added without one."""

        def decorator(f: F) -> F:
            self.view_functions[endpoint] = f
            return f

        return decorator

    # Templates and files

    @cached_property
    def jinja_loader(self) -> BaseLoader | None:
        """The loader of this object's own templates; None without a template folder."""
        if self.template_folder is None:
            return None
        return FileSystemLoader(os.path.join(self._root_path, self.template_folder))

    @property
    def static_folder(self) -> str | None:
        """The absolute path of the static folder."""
        if self._static_folder is None:
            return None
        return os.path.join(self._root_path, self._static_folder)

    @property
    def has_static_folder(self) -> bool:
        return self._static_folder is not None

    @property
    def static_url_path(self) -> str | None:
        """The URL prefix of static files, by default the folder's name."""
        if self._static_url_path is not None:
            return self._static_url_path
        if self._static_folder is not None:
            return f"/{os.path.basename(self._static_folder)}".rstrip("/")
        return None

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Seconds that a client may cache a file (config SEND_FILE_MAX_AGE_DEFAULT)."""
        value = active_app().config["SEND_FILE_MAX_AGE_DEFAULT"]
        if value is None:
            return None
        return int(value.total_seconds()) if hasattr(value, "total_seconds") else cast(int, value)

    def send_static_file(self, filename: str) -> Response:
        """The view of static files."""
        folder = self.static_folder
        if folder is None:
            raise RuntimeError("'static_folder' must be set to serve static_files.")
        return send_from_directory(folder, filename, max_age=self.get_send_file_max_age(filename))

    def open_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file of the package for reading."""
        if mode not in {"r", "rt", "rb"}:
            raise ValueError("Resources can only be opened for reading.")
        path = os.path.join(self._root_path, resource)
        return open(path, mode, encoding=None if mode == "rb" else encoding)


def endpoint_of(view_func: Callable[..., Any] | None) -> str:
    """The endpoint of a function that was given none: its name."""
    if view_func is None:
        raise TypeError("A rule without a view function needs an endpoint.")
    name: str = view_func.__name__
    return name
