"""Schedulers and threads that are begun with the application: under the mount, one by each package."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.codemod.findings.apart_from_requests import ApartFromRequests
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes

#: Wherever it is made, it runs beside the requests; a BlockingScheduler has a process of its own.
_SCHEDULERS = (
    "apscheduler.schedulers.background.BackgroundScheduler",
    "apscheduler.schedulers.asyncio.AsyncIOScheduler",
    "flask_apscheduler.APScheduler",
    "flask_apscheduler.scheduler.APScheduler",
)
#: One scheduler of the process, whatever package gives it a job.
_JOBS = ("schedule.every",)
#: Where they are made with the application. What a request begins, it begins once.
_THREADS = ("threading.Thread", "threading.Timer")


def begun_twice(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each of them."""
    project, surface = conversion.project, conversion.surface
    if surface is None or conversion.package in {"", project.package}:
        return
    apart = ApartFromRequests(conversion)
    for module in project.modules.values():
        words = ("Scheduler", "threading", "schedule")
        if is_test(module) or not any(map(module.source.says, words)):
            continue
        scopes = project.derived(Scopes, module)
        for node, name in scopes.calls:
            if name not in (*_THREADS, *_SCHEDULERS, *_JOBS):
                continue
            function = scopes.functions.get(id(node), "")
            if name in _THREADS:
                told = not function or function in surface.site.starts
            else:
                told = function not in apart
            if told:
                yield finding_at(
                    module,
                    node,
                    "MIG119",
                    f"Under the mount both packages give {name}() their job, and it is done twice."
                    if name in _JOBS
                    else f"Under the mount both packages begin a {name.rpartition('.')[2]} here, and what "
                    "it does is done twice.",
                    hint="Begin it in one of them, or in a process of its own; say so with "
                    "`# migrator: keep[MIG119] why`.",
                )


__all__ = ["begun_twice"]
