"""`asgi.py` of the target: the converted application with the legacy one mounted for the rest."""

from __future__ import annotations

import re

from migrator.codemod.renaming import Renaming
from migrator.index.definitions import can_be_said
from migrator.index.project import Project
from migrator.surface import ApplicationSite, Frame
from migrator.surface.names import target

_DOCSTRING = '''"""Both applications behind one: what was converted, and the legacy one for the rest.

Written by migrator. Run it with `{run}`.{where}
"""
'''

_ALONE = '''"""The converted application.

Written by migrator. Run it with `uvicorn {package}.{name}:app`. The legacy application has the same
package name, so that it can't be imported beside this one: what was left on the mount is missing.
"""
'''

_ALONE_ON_FLASK = '''"""The converted application, which is one of Flask and of ASGI.

Written by migrator. Run it with `uvicorn {package}.{name}:app`.
"""
'''


#: The function that puts both applications together, by what the converted one is.
_MOUNTS = {
    "fastapi": ("migrator.runtime.mount", "mount_legacy"),
    "flask": ("migrator.runtime.asyncflask", "mount_asyncflask"),
}
_CONNEXION = "migrator.runtime.asyncflask.connexion"


_STATIC = "# What is around these files stays with Flask, and so do they."


#: What an import statement brings, and the name that it gets.
_BRINGS = re.compile(r"^( *)from (\S+) import (\w+)(?: as (\w+))?$", re.MULTILINE)


def asgi_source(
    project: Project,
    site: ApplicationSite,
    package: str,
    frame: Frame = "fastapi",
) -> str:
    """The text of `asgi.py` for the application at `site`, in the new package `package`."""
    text = _source(project, site, package, frame)
    if can_be_said(site.module):
        return text
    text = _BRINGS.sub(_brought, text)
    return text.replace('"""\n\n', '"""\n\nfrom importlib import import_module\n', 1)


def _brought(found: re.Match[str]) -> str:
    """The statement, or what does the same where it can't name the module."""
    margin, module, name, other = found.groups()
    if can_be_said(module):
        return found[0]
    return f'{margin}{other or name} = import_module("{module}").{name}'


def _source(project: Project, site: ApplicationSite, package: str, frame: Frame) -> str:
    new = Renaming(project, package).name(site.module)
    assert new is not None, site
    if project.package == package:
        return _alone(project, site, new, package, frame)
    home, mount = _MOUNTS[frame]
    runtime = [
        "from migrator.runtime.compat import settings_of",
        f"from {home} import {mount}",
    ]
    if site.connexion:
        mount = "mount_connexion"
        runtime = [f"from {_CONNEXION} import {mount}, settings_of"]
    if site.kind == "factory":
        lines = _sorted(
            f"from {site.module} import {site.attribute} as {_legacy(site.attribute)}",
            *runtime,
            f"from {new} import {site.attribute}",
        )
        made = [
            f"legacy = {_legacy(site.attribute)}({site.arguments})",
            "with settings_of(legacy):",
            f"    converted = {site.attribute}({site.arguments})",
        ]
    elif site.kind == "filler":
        old, made_of = _class(project, site, None, frame), _class(project, site, package, frame)
        lines = _sorted(
            f"from {site.module} import {site.attribute} as {_legacy(site.attribute)}",
            f"from {old[0]} import {old[1]} as Legacy{old[1]}",
            *runtime,
            f"from {made_of[0]} import {made_of[1]}",
            f"from {new} import {site.attribute}",
        )
        made = [
            f'legacy = Legacy{old[1]}("{site.module}")',
            f"{_legacy(site.attribute)}(legacy)",
            "with settings_of(legacy):",
            f'    converted = {made_of[1]}("{new}")',
            f"    {site.attribute}(converted)",
        ]
    else:
        lines = _sorted(
            f"from {site.module} import {site.attribute} as legacy",
            *runtime,
            *(f"import {module}  # noqa: F401  its routes" for module in site.imports),
        )
        made = ["with settings_of(legacy):"]
        renaming = Renaming(project, package)
        for module in site.imports:
            made.append(f"    import {renaming.name(module)}  # noqa: F401  its routes")
        made.append(f"    from {new} import {site.attribute} as converted")
    run, where = serving(project, site, package), ""
    if not project.package:
        where = "\nThe legacy modules are imported by names of their own, from the folder that they lie in."
    text = [_DOCSTRING.format(run=run, where=where), *lines, "", *made, ""]
    if site.static:
        names = ", ".join(f'"{name}"' for name in site.static)
        live = f"live=lambda endpoint: endpoint not in ({names},)"
        return "\n".join([*text, _STATIC, f"app = {mount}(legacy, converted, {live})", ""])
    return "\n".join([*text, f"app = {mount}(legacy, converted)", ""])


def serving(project: Project, site: ApplicationSite, package: str) -> str:
    """The command that serves what was written; "" where the application in place has to be put together."""
    if package:
        path = "" if project.package else f"PYTHONPATH={project.root.name} "
        return f"{path}uvicorn {package}.{site.entry}:app"
    whole = f"{site.module}:{site.attribute}"
    if site.connexion or site.imports or site.arguments or site.kind == "filler":
        return ""
    return f"uvicorn --factory {whole}" if site.kind == "factory" else f"uvicorn {whole}"


def _class(
    project: Project, site: ApplicationSite, package: str | None, frame: Frame
) -> tuple[str, str]:
    """Module and name of the application's class, the converted one with a package."""
    cls = project.classes.get(site.fills)
    if cls is None:
        found = target("flask.Flask", frame) if package is not None else None
        return found or ("flask", "Flask")
    if package is None:
        return cls.module.name, cls.name
    return Renaming(project, package).name(cls.module.name) or cls.module.name, cls.name


def _alone(project: Project, site: ApplicationSite, new: str, package: str, frame: Frame) -> str:
    name = site.attribute
    if site.kind == "factory":
        body = [f"from {new} import {name}", "", f"app = {name}({site.arguments})"]
    elif site.kind == "filler":
        home, cls = _class(project, site, package, frame)
        imports = _sorted(f"from {home} import {cls}", f"from {new} import {name}")
        body = [*imports, "", f'app = {cls}("{new}")', f"{name}(app)"]
    elif name == "app":
        body = [f"from {new} import app", "", '__all__ = ["app"]']
    else:
        body = [f"from {new} import {name} as app", "", '__all__ = ["app"]']
    if site.connexion:
        made = f"{name}({site.arguments})" if site.kind == "factory" else name
        imports = _sorted(f"from {_CONNEXION} import served", f"from {new} import {name}")
        body = [*imports, "", f"app = served({made})"]
    docstring = _ALONE_ON_FLASK if frame == "flask" else _ALONE
    return "\n".join([docstring.format(package=package, name=site.entry), *body, ""])


def _legacy(factory: str) -> str:
    """`create_app` is `create_legacy_app` for the other side."""
    head, separator, tail = factory.rpartition("_")
    return f"{head}_legacy_{tail}" if separator else f"legacy_{factory}"


def _sorted(*lines: str) -> list[str]:
    return sorted(lines, key=lambda line: (line.startswith("import"), line.split()[1]))
