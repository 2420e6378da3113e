"""`app.cli`: click commands that run inside the application's context and the bridge.

click is imported when the first command is registered: serving needs none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migrator.errors import MissingExtra
from migrator.runtime.db.forgotten import Watch

from .context import _app_context
from .running import bridge, call, in_bridge, unbridge

if TYPE_CHECKING:
    import click

    from .app import App


class LazyGroup:
    """Stands for a click group that is made at first use."""

    def __init__(self, name: str, app: App | None = None) -> None:
        self._name = name
        self._app = app
        self._group: click.Group | None = None

    @property
    def made(self) -> bool:
        """Whether anything was registered."""
        return self._group is not None

    @property
    def group(self) -> click.Group:
        """The click group; raises MissingExtra without click."""
        if self._group is None:
            self._group = _group_class()(name=self._name)
            if self._app is not None:
                self._group.context_settings["obj"] = self._app
        return self._group

    @property
    def name(self) -> str:
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value
        if self._group is not None:
            self._group.name = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self.group, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.group(*args, **kwargs)


def lazy_group(name: str, app: App | None = None) -> Any:
    """The `cli` attribute of an application or blueprint; behaves as a click Group."""
    return LazyGroup(name, app)


def __getattr__(name: str) -> Any:
    # AppGroup is a subclass of click.Group: asking for it is what needs click.
    if name == "AppGroup":
        return _group_class()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _group_class() -> type[click.Group]:
    try:
        import click
    except ImportError as error:
        raise MissingExtra(
            "A command was registered on 'cli', and click is not installed.",
            "Commands are click commands.",
            "Install click, or 'migrator[cli]'.",
        ) from error

    class AppGroup(click.Group):
        """A group whose commands run with the application's context, in the bridge."""

        def command(self, *args: Any, **kwargs: Any) -> Any:
            wrap = kwargs.pop("with_appcontext", True)

            def decorator(f: Callable[..., Any]) -> click.Command:
                make = super(AppGroup, self).command(*args, **kwargs)
                command: click.Command = make(with_appcontext(f) if wrap else f)
                return command

            return decorator

        def group(self, *args: Any, **kwargs: Any) -> Any:
            kwargs.setdefault("cls", AppGroup)
            return super().group(*args, **kwargs)

    return AppGroup


def with_appcontext(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, sync or async, run in the bridge with the application of the command's group.

    Outside of an event loop one is started for the command, and the database's engines are
    disposed of when it ends.
    """
    import click

    @click.pass_context
    def decorated(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        def run() -> Any:
            return call(functools.partial(ctx.invoke, f), *args, **kwargs)

        if _app_context.get(None) is not None and in_bridge():
            return run()
        app: App | None = ctx.find_root().obj
        active = _app_context.get(None)
        if app is None and active is not None:
            app = active.app
        if app is None:
            raise RuntimeError(
                "The command runs without an application. Start it through 'app.cli', or pass the "
                "application as 'obj'."
            )
        return run_in_app(app, run)

    return functools.update_wrapper(decorated, f)


def run_in_app(app: App, fn: Callable[[], Any]) -> Any:
    """`fn()` in the bridge with `app`'s context, from code that has no event loop or is bridged."""
    if in_bridge():
        return unbridge(_run(app, fn))

    async def main() -> Any:
        try:
            return await _run(app, fn)
        finally:
            await app.dispose_database()

    return app.run_command(main())


async def _run(app: App, fn: Callable[[], Any]) -> Any:
    async with app.app_context():
        with Watch() as watch:
            found = await bridge(fn)
            watch.answer()
        return found
