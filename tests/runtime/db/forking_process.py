"""An application that forks; run as `python FILE URL`. Prints what parent and child have found."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
from typing import Any, cast

from sqlalchemy import text

from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.compat.testing import call_asgi, environ_of, scope_of
from migrator.runtime.db import SQLAlchemy, create_twin_engine, unbridged

url = sys.argv[1]
app = AsyncFlask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = url
db: Any = SQLAlchemy(app)
own = create_twin_engine(url)
BACKEND = text("SELECT pg_backend_pid()")


def ask() -> list[int]:
    """The server's processes that answer a script, by either engine."""
    with app.app_context(), own.connect() as connection:
        return [db.session.execute(BACKEND).scalar(), connection.execute(BACKEND).scalar()]


@unbridged
async def ask_as_converted_code_does() -> int:
    with app.app_context():
        return (await db.session.execute(BACKEND)).scalar()  # type: ignore[no-any-return]


def in_child(answer: Any) -> None:
    inherited = db.session.execute(BACKEND).scalar()
    answer.send([inherited, *ask(), ask_as_converted_code_does()])


@app.get("/")
def fork() -> Any:
    before = db.session.execute(BACKEND).scalar()
    script = ask_in_thread()
    mine, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=in_child, args=(theirs,))
    child.start()
    theirs.close()
    found = mine.recv()
    child.join()
    return {
        "parent": [before, *script],
        "child": found,
        "afterwards": [db.session.execute(BACKEND).scalar(), *ask_in_thread()],
    }


def ask_in_thread() -> list[int]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(ask).result()


async def main() -> None:
    _, _, body = await call_asgi(app, scope_of(environ_of(cast(Any, app), "/")))
    print(json.dumps(json.loads(body)))
    await app.dispose_database()


if __name__ == "__main__":
    asyncio.run(main())
