"""Where an application lives on disk: root path, instance path."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path


def root_path_of(import_name: str) -> str:
    """The folder of a package or of a module's file; the working directory when there is none.

    Raises RuntimeError for a namespace package.
    """
    module = sys.modules.get(import_name)
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return os.path.dirname(os.path.abspath(file))
    try:
        spec = importlib.util.find_spec(import_name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.loader is None:
        if spec is not None and spec.submodule_search_locations is not None:
            raise RuntimeError(
                f"No root path can be found for the provided module {import_name!r}. It is a "
                "namespace package, which may lie in several folders. Provide root_path."
            )
        return os.getcwd()
    if spec.origin is None:
        return os.getcwd()
    return os.path.dirname(os.path.abspath(spec.origin))


def instance_path_of(import_name: str, name: str) -> str:
    """`instance` beside the package, or `PREFIX/var/NAME-instance` when that is installed."""
    folder = _package_folder(import_name)
    prefix = os.path.abspath(sys.prefix)
    if Path(folder).is_relative_to(prefix):
        return os.path.join(prefix, "var", f"{name}-instance")
    parent, last = os.path.split(folder)
    if last.lower() == "site-packages":
        grandparent, above = os.path.split(parent)
        if above.lower() == "lib":
            return os.path.join(grandparent, "var", f"{name}-instance")
        if os.path.basename(grandparent).lower() == "lib":
            return os.path.join(os.path.dirname(grandparent), "var", f"{name}-instance")
        return os.path.join(parent, "var", f"{name}-instance")
    return os.path.join(folder, "instance")


def _package_folder(import_name: str) -> str:
    """The folder that holds the top-level package or module of `import_name`."""
    root = import_name.partition(".")[0]
    try:
        spec = importlib.util.find_spec(root)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return os.path.abspath(os.getcwd())
    if spec.submodule_search_locations:
        if spec.origin is None or spec.origin == "namespace":
            return os.path.dirname(os.path.abspath(next(iter(spec.submodule_search_locations))))
        return os.path.dirname(os.path.dirname(os.path.abspath(spec.origin)))
    return os.path.dirname(os.path.abspath(spec.origin or os.getcwd()))
