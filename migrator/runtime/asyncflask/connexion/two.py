"""Connexion 2: a Flask application that connexion makes and fills."""

from __future__ import annotations

import inspect
from typing import Any

import connexion
from connexion.resolver import Resolver
from flask import Flask

from migrator.runtime.asyncflask.app import AsyncFlask
from migrator.runtime.asyncflask.connexion.own import Handlers, in_place_of


class FlaskApp(connexion.FlaskApp):
    """Takes the place of `connexion.FlaskApp`: the same arguments, and `app` is an AsyncFlask."""

    app: AsyncFlask

    def create_app(self) -> Flask:
        """Connexion's, as an AsyncFlask."""
        self._handlers = Handlers(self.import_name)
        return in_place_of(super().create_app(), self.server_args)

    def add_api(self, specification: Any, *args: Any, **kwargs: Any) -> Any:
        """Connexion's; raises MountError where the document names the legacy application's functions."""
        known = set(self.app.view_functions)
        found = kwargs.pop("resolver", None) or self.resolver or Resolver()
        resolver = _Awaiting(Resolver(found) if callable(found) else found, self.app)
        api = super().add_api(specification, *args, resolver=resolver, **kwargs)
        for endpoint, view in self.app.view_functions.items():
            if endpoint not in known:
                self._handlers.check(view, endpoint)
        self._handlers.publish(api.specification.raw)
        return api


class _Awaiting:
    """A resolver whose coroutine functions become plain ones, which is what connexion 2 calls."""

    def __init__(self, resolver: Any, app: AsyncFlask) -> None:
        self._resolver = resolver
        self._app = app

    def resolve(self, operation: Any) -> Any:
        found = self._resolver.resolve(operation)
        if inspect.iscoroutinefunction(found.function):
            found.function = self._app.async_to_sync(found.function)
        return found
