"""The attributes of an application that stand for its settings, and what is derived from them."""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta
from functools import cached_property

from .config import DEFAULTS, Config, debug_from_environment
from .logs import create_logger
from .scaffold import Scaffold
from .session_cookie import SecureCookieSessionInterface, SessionInterface
from .shared import shared_config


class Properties(Scaffold):
    """`name`, `logger`, `debug`, `testing`, `secret_key`, … as on a Flask application."""

    config: Config
    config_class: type[Config]
    instance_path: str

    @cached_property
    def name(self) -> str:  # type: ignore[override]
        """The import name; the file's name for `__main__`."""
        if self.import_name != "__main__":
            return self.import_name
        file = getattr(sys.modules["__main__"], "__file__", None)
        return "__main__" if file is None else os.path.splitext(os.path.basename(file))[0]

    @cached_property
    def logger(self) -> logging.Logger:
        """The logger of the application's name; it writes to stderr if nothing else takes it."""
        return create_logger(self)

    def make_config(self, instance_relative: bool = False) -> Config:
        defaults = dict(DEFAULTS)
        defaults["DEBUG"] = debug_from_environment()
        folder = self.instance_path if instance_relative else self._root_path
        return shared_config(self.config_class(folder, defaults))

    @property
    def debug(self) -> bool:
        return bool(self.config["DEBUG"])

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        environment = self.__dict__.get("jinja_env")
        if environment is not None and self.config["TEMPLATES_AUTO_RELOAD"] is None:
            environment.auto_reload = value

    @property
    def testing(self) -> bool:
        return bool(self.config["TESTING"])

    @testing.setter
    def testing(self, value: bool) -> None:
        self.config["TESTING"] = value

    @property
    def secret_key(self) -> str | bytes | None:
        key: str | bytes | None = self.config["SECRET_KEY"]
        return key

    @secret_key.setter
    def secret_key(self, value: str | bytes | None) -> None:
        self.config["SECRET_KEY"] = value

    @property
    def permanent_session_lifetime(self) -> timedelta:
        lifetime = self.config["PERMANENT_SESSION_LIFETIME"]
        return lifetime if isinstance(lifetime, timedelta) else timedelta(seconds=lifetime)

    @permanent_session_lifetime.setter
    def permanent_session_lifetime(self, value: timedelta | int) -> None:
        self.config["PERMANENT_SESSION_LIFETIME"] = value

    @property
    def session_interface(self) -> SessionInterface:
        return self._session_interface

    @session_interface.setter
    def session_interface(self, value: SessionInterface) -> None:
        self._session_interface = value
        # A store of the application's own is opened where Flask opens it.
        self.opens_session_lazily = type(value) is SecureCookieSessionInterface
