"""What a repository's own decorators do with the function below."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from migrator.surface import Opaque, Registers, Surface, TransparentWrapper

Read = Callable[..., Surface]

PLAIN = """
    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            if not current_user.is_admin:
                abort(403)
            return f(*args, **kwargs)
        return wrapper
"""
WITH_ARGUMENTS = """
    def deco(role="admin"):
        def decorator(f):
            @wraps(f)
            def inner(*args, **kwargs):
                return f(*args, **kwargs)
            return inner
        return decorator
"""
DELEGATING = (
    WITH_ARGUMENTS.replace("def deco(", "def other(")
    + """
    def deco(f):
        return other("admin")(f)
"""
)
AFTERWARDS = """
    def deco(f):
        def wrapper(*args, **kwargs):
            response = make_response(f(*args, **kwargs))
            response.headers["X-A"] = f.__name__
            return response
        return update_wrapper(wrapper, f)
"""
ENSURED = """
    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            return current_app.ensure_sync(f)(*args, **kwargs)
        return wrapper
"""
BOTH_WAYS = """
    def deco(f=None, *, role="x"):
        def decorator(f):
            @wraps(f)
            def wrapper(*args, **kwargs):
                return f(*args, **kwargs)
            return wrapper
        if f:
            return decorator(f)
        return decorator
"""
READING = """
    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            bound = inspect.signature(f).bind(*args, **kwargs)
            return f(*bound.args, **bound.kwargs)
        return wrapper
"""
READ_BY_ANOTHER = """
    def titled(function, /, *, title=None):
        return title or described(function)

    def described(function):
        return function.__doc__ if function else None

    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            return titled(f, title=described(function=f)) + f(*args, **kwargs)
        return wrapper
"""
CALLED_BY_ANOTHER = """
    def run(function, *args, name=None, **kwargs):
        return function(*args) if name is None else kwargs["f"](*args)

    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            return run(*args, f=f, name=f(*args))
        return wrapper
"""
HANDED_ON = """
    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            return pool.submit(f, *args, **kwargs)
        return wrapper
"""
LAZY = """
    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            return cache(lambda: f(*args, **kwargs))
        return wrapper
"""
GENERATOR = """
    def deco(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            yield f(*args, **kwargs)
        return wrapper
"""
REGISTRY = """
    def deco(f):
        REGISTRY.append(f)
        return f
"""

HEAD = """
    import inspect
    from functools import update_wrapper, wraps
    from flask import Flask, abort, current_app, make_response
    app = Flask(__name__)
    REGISTRY = []
"""
USE = """
    @app.route("/")
    @deco
    def index():
        return ""
"""


def kind(read: Read, source: str, use: str = USE) -> object:
    surface = read({"site.py": HEAD + source + use})
    assert surface.decorated["site:index"] == ("flask.Flask.route", "site:deco")
    assert surface.endpoints[-1].function == "site:index"
    return surface.decorators["site:deco"]


@pytest.mark.parametrize(
    ("source", "wrapper"),
    [
        (PLAIN, "deco.<locals>.wrapper"),
        (WITH_ARGUMENTS, "deco.<locals>.decorator.<locals>.inner"),
        (DELEGATING, "other.<locals>.decorator.<locals>.inner"),
        (AFTERWARDS, "deco.<locals>.wrapper"),
        (ENSURED, "deco.<locals>.wrapper"),
        (BOTH_WAYS, "deco.<locals>.decorator.<locals>.wrapper"),
        (READING, "deco.<locals>.wrapper"),
        (READ_BY_ANOTHER, "deco.<locals>.wrapper"),
    ],
    ids=[
        "plain",
        "arguments",
        "delegating",
        "result used",
        "ensure_sync",
        "both ways",
        "reading",
        "another",
    ],
)
def test_a_wrapper_that_calls_the_function_is_transparent(
    source: str, wrapper: str, read: Read
) -> None:
    use = USE.replace("@deco", "@deco()") if source in (WITH_ARGUMENTS, BOTH_WAYS) else USE
    found = kind(read, source, use)
    assert isinstance(found, TransparentWrapper)
    assert found.wrapper == f"site:{wrapper}"
    assert len(found.calls) == 1


@pytest.mark.parametrize("source", [HANDED_ON, CALLED_BY_ANOTHER, LAZY, GENERATOR])
def test_a_function_that_is_not_simply_called_makes_it_opaque(source: str, read: Read) -> None:
    assert isinstance(kind(read, source), Opaque)


def test_a_registry_only_registers(read: Read) -> None:
    assert isinstance(kind(read, REGISTRY), Registers)
