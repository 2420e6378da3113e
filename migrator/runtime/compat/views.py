"""Class-based views: `View` and `MethodView`, whose methods may be `def` or `async def`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from .context import active_request_context

#: A set like Flask's, gone through and added to in the same way: `Allow` names methods in that order.
_METHODS = frozenset(["get", "post", "head", "options", "delete", "put", "trace", "patch"])


class View:
    """A view with a `dispatch_request` method; `as_view` makes the function to register."""

    methods: ClassVar[Collection[str] | None] = None
    provide_automatic_options: ClassVar[bool | None] = None
    decorators: ClassVar[list[Callable[..., Any]]] = []
    init_every_request: ClassVar[bool] = True

    def dispatch_request(self, **kwargs: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Callable[..., Any]:
        """A view function called `name`; the arguments go to the class."""
        shared = None if cls.init_every_request else cls(*class_args, **class_kwargs)

        def view(**kwargs: Any) -> Any:
            instance = shared
            if instance is None:
                instance = view.view_class(*class_args, **class_kwargs)  # type: ignore[attr-defined]
            # A coroutine of an async method is awaited by whoever called the view.
            return instance.dispatch_request(**kwargs)

        function: Any = view
        if cls.decorators:
            function.__name__ = name
            function.__module__ = cls.__module__
            for decorator in cls.decorators:
                function = decorator(function)
        view.view_class = cls  # type: ignore[attr-defined]
        function.view_class = cls
        function.__name__ = name
        function.__doc__ = cls.__doc__
        function.__module__ = cls.__module__
        function.methods = cls.methods
        function.provide_automatic_options = cls.provide_automatic_options
        made: Callable[..., Any] = function
        return made


class MethodView(View):
    """A view with one method for each HTTP method; HEAD falls back on `get`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" not in cls.__dict__:
            methods: set[str] = set()
            for base in cls.__bases__:
                methods.update(getattr(base, "methods", None) or ())
            for key in _METHODS:
                if hasattr(cls, key):
                    methods.add(key.upper())
            if methods:
                cls.methods = methods

    def dispatch_request(self, **kwargs: Any) -> Any:
        method = active_request_context().request.method
        handler = getattr(self, method.lower(), None)
        if handler is None and method == "HEAD":
            handler = getattr(self, "get", None)
        if handler is None:
            raise AssertionError(f"Unimplemented method {method!r}")
        return handler(**kwargs)
