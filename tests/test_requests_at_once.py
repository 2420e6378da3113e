"""Requests that run at once are answered as each of them is alone: nothing of one is seen by another."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from migrator.codemod.convert import convert
from migrator.runtime.shadow import CaseResult
from migrator.runtime.shadow.model import Request
from migrator.runtime.shadow.wire import Lifespan, asgi_scope, call_asgi
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES
from tests.storefront import ROOT, compare, imported, of_area

#: How many requests run at a time.
_TOGETHER = 12


def only_reads(result: CaseResult) -> bool:
    """Whether a request is a case of its own, and writes nothing on either side."""
    alone = result.step == 1 and not result.name
    return alone and result.request.method == "GET" and not result.legacy.writes


def target(folder: Path, frame: FrameChoice) -> Path:
    """A folder with the sample application's conversion in a frame."""
    if frame == "fastapi":
        return ROOT
    made = convert(ROOT / "legacy_app", package="target_app", frame=frame)
    for path in (*made.texts, *made.copies):
        place = folder / "target_app" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        text = made.texts.get(path)
        old = ROOT / "legacy_app" / path
        place.write_bytes(old.read_bytes() if text is None else text.encode())
    return folder


@pytest.mark.parametrize("frame", FRAMES)
def test_at_once_as_alone(
    frame: FrameChoice, storefront_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = target(tmp_path, frame)
    cases = of_area("customers", "pages")
    report = compare(storefront_url, cases, folder=folder, environment=monkeypatch)
    requests = [r.request for r in report.cases if only_reads(r)]
    assert len(requests) > 80

    async def ask(app: Any, request: Request) -> tuple[Any, ...]:
        scope = asgi_scope(request)
        response, raised = await call_asgi(app, request, scope)
        if response is None:
            return (type(raised),)
        # A session cookie is signed with the time.
        headers = [(k, v) for k, v in response.headers if k.lower() != "set-cookie"]
        return response.status, sorted(headers), response.body

    async def alone(app: Any) -> list[Any]:
        return [await ask(app, request) for request in requests]

    async def at_once(app: Any) -> list[Any]:
        free = asyncio.Semaphore(_TOGETHER)

        async def one(number: int) -> tuple[int, Any]:
            async with free:
                return number, await ask(app, requests[number])

        order = random.Random(7).sample(range(len(requests)), len(requests))
        found = dict(await asyncio.gather(*map(one, order)))
        return [found[number] for number in range(len(requests))]

    with imported(folder) as app, asyncio.Runner() as runner:
        lifespan = Lifespan(app)
        runner.run(lifespan.start())
        first, second, together = (runner.run(ways(app)) for ways in (alone, alone, at_once))
        runner.run(lifespan.stop())
        runner.run(sys.modules["target_app.asgi"].converted.dispose_database())
    # What shows the time differs from itself.
    steady = [number for number, answer in enumerate(first) if answer == second[number]]
    assert len(steady) > 0.9 * len(requests)
    differing = {requests[n].target: (first[n], together[n]) for n in steady}
    assert {k: v for k, v in differing.items() if v[0] != v[1]} == {}
