"""Writing a conversion: all files or none, whatever interrupts, and every byte as it should be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.output.files import OutputFile, output_files, package_of
from migrator.codemod.output.folders import plan_package, write_in_place, write_package
from migrator.codemod.output.manifest import MANIFEST
from migrator.codemod.output.transaction import recover, write_all
from migrator.errors import OutputError

ROOT = Path(__file__).parents[2]
MODEL = "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n\n\nclass Item(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"


def texts(**files: str) -> list[OutputFile]:
    return [OutputFile(f"{name}.py", data=text.encode()) for name, text in files.items()]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != MANIFEST
    }


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


# -- what is written


def converted(root: Path, out: Path) -> dict[str, bytes]:
    package = package_of(convert(root, package=out.name))
    write_package(out, output_files(root, package, out))
    return tree(out)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"# only a comment", b"# only a comment"),
        (
            b"\xef\xbb\xbffrom shop.models import Item\n\n\ndef f():\n    return Item.query.all()\n",
            b"\xef\xbb\xbffrom new.models import Item, db\nfrom sqlalchemy import select\n\n\n"
            b"async def f():\n    return (await db.session.scalars(select(Item))).all()\n",
        ),
        (
            b"from shop.models import Item\r\n\r\n\r\ndef f():\r\n\treturn Item.query.all()\r\n",
            b"from new.models import Item, db\r\nfrom sqlalchemy import select\r\n\r\n\r\n"
            b"async def f():\r\n\treturn (await db.session.scalars(select(Item))).all()\r\n",
        ),
        (
            b"from shop.models import Item\r\rdef f():\r    return Item.query.all()\r",
            b"from new.models import Item, db\rfrom sqlalchemy import select\r\r"
            b"async def f():\r    return (await db.session.scalars(select(Item))).all()\r",
        ),
        (
            b"# coding: latin-1\nfrom shop.models import Item\n\n\x0c\ndef f():\n    return '\xe9\x0c', Item.query.all()",
            b"# coding: latin-1\nfrom new.models import Item, db\nfrom sqlalchemy import select\n\n\x0c\n"
            b"async def f():\n    return '\xe9\x0c', (await db.session.scalars(select(Item))).all()",
        ),
        (
            "from shop.models import Item\n\n\ndef f():\n    return 'é\u2028', Item.query.all()\n".encode(),
            "from new.models import Item, db\nfrom sqlalchemy import select\n\n\nasync def f():\n"
            "    return 'é\u2028', (await db.session.scalars(select(Item))).all()\n".encode(),
        ),
    ],
    ids=["empty", "comment", "BOM", "CRLF and tabs", "CR", "latin-1 and form feeds", "U+2028"],
)
def test_bytes_survive(tmp_path: Path, before: bytes, after: bytes) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text("")
    (shop / "models.py").write_text(MODEL)
    (shop / "odd.py").write_bytes(before)
    assert converted(shop, tmp_path / "new")["odd.py"] == after


def test_a_long_file_changes_where_it_must(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text("")
    (shop / "models.py").write_text(MODEL)
    plain = "".join(f"A{n} = {n}\n" for n in range(30_000))
    (shop / "long.py").write_text(
        f"from shop.models import Item\n{plain}\n\ndef f():\n    return Item.query.all()\n"
    )
    text = converted(shop, tmp_path / "new")["long.py"].decode()
    assert plain in text
    assert text.endswith("    return (await db.session.scalars(select(Item))).all()\n")


def test_modes_and_data(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text("")
    (shop / "run.sh").write_text("#!/bin/sh\n")
    (shop / "run.sh").chmod(0o755)
    (shop / "data.bin").write_bytes(bytes(range(256)) * 1000)
    os.utime(shop / "data.bin", (1_700_000_000, 1_700_000_000))
    out = tmp_path / "new"
    assert converted(shop, out)["data.bin"] == bytes(range(256)) * 1000
    assert (out / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (out / "data.bin").stat().st_mtime == 1_700_000_000


def test_links_are_kept_and_never_followed(tmp_path: Path) -> None:
    shop, other = tmp_path / "shop", tmp_path / "other"
    shop.mkdir()
    other.mkdir()
    (other / "secret.py").write_text("SECRET = 1\n")
    (shop / "__init__.py").write_text("")
    links = {
        "inside.py": "__init__.py", "outside.py": "../other/secret.py", "folder": "../other",
        "self": ".", "one": "two", "two": "one", "nowhere.txt": "nothing",
        "absolute": str(shop / "__init__.py"),
    }  # fmt: skip
    for name, target in links.items():
        (shop / name).symlink_to(target)
    os.mkfifo(shop / "pipe")
    out = tmp_path / "deeper" / "new"
    converted(shop, out)
    assert {p.name: os.readlink(p) for p in out.iterdir() if p.is_symlink()} == {
        **links,
        "absolute": "__init__.py",
        "outside.py": "../../other/secret.py",
        "folder": "../../other",
    }
    assert not (out / "pipe").exists()
    assert (out / "outside.py").read_text() == "SECRET = 1\n"


# -- again into the same folder


def test_only_what_changed_is_touched(tmp_path: Path) -> None:
    out = tmp_path / "new"
    write_package(out, texts(a="1", b="2", c="3"))
    times = {p.name: p.stat().st_mtime_ns for p in out.iterdir()}
    written = write_package(out, texts(a="1", b="4", d="5"))
    assert (written.created, written.changed, written.removed, written.same) == (
        ("d.py",), ("b.py",), ("c.py",), ("a.py",),
    )  # fmt: skip
    assert tree(out) == {"a.py": b"1", "b.py": b"4", "d.py": b"5"}
    assert (out / "a.py").stat().st_mtime_ns == times["a.py"]
    assert not plan_package(out, texts(a="1", b="4", d="5")).written.differs


def test_a_file_of_ours_that_was_changed_stays_unless_forced(tmp_path: Path) -> None:
    out = tmp_path / "new"
    write_package(out, texts(a="1", b="2"))
    (out / "b.py").write_text("mine")
    with pytest.raises(OutputError, match=r"b\.py"):
        write_package(out, texts(a="3", b="4"))
    assert tree(out) == {"a.py": b"1", "b.py": b"mine"}
    # What we would write anyway is no conflict.
    write_package(out, texts(a="3", b="mine"))
    (out / "b.py").write_text("mine again")
    write_package(out, texts(a="3", b="4"), force=True)
    assert tree(out) == {"a.py": b"3", "b.py": b"4"}


def test_a_file_in_the_way_of_a_folder_undoes_everything(tmp_path: Path) -> None:
    out = tmp_path / "new"
    write_package(out, texts(a="1", z="9"))
    (out / "b").write_text("a file of somebody")
    before = tree(out)
    with pytest.raises(OutputError, match="Nothing was changed"):
        write_package(out, [*texts(a="2"), OutputFile("b/c.py", data=b""), *texts(d="3")])
    assert tree(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_in_place_keeps_modes(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    file = tmp_path / "root" / "a.py"
    file.write_text("1")
    file.chmod(0o640)
    write_in_place(tmp_path / "root", texts(a="2"))
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("2", 0o640)


# -- interrupted


INTERRUPTED = """
    import signal
    import sys
    from pathlib import Path
    from migrator.codemod.output.files import OutputFile
    from migrator.codemod.output.folders import write_package

    # A run that a shell put into the background ignores SIGINT, and so do its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out, pipe = map(Path, sys.argv[1:])
    files = [OutputFile("a.py", data=b"new"), OutputFile("b.py", data=b"new")]
    # Copying from a pipe: the run stands still in the middle, until the test has pressed Ctrl-C.
    source = OutputFile("c.py", source=pipe)
    try:
        write_package(out, [*files, source])
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("exists", [False, True], ids=["new folder", "folder of ours"])
def test_ctrl_c_in_the_middle_leaves_nothing_half_written(tmp_path: Path, exists: bool) -> None:
    out, pipe = tmp_path / "deep" / "new", tmp_path / "pipe"
    if exists:
        write_package(out, texts(a="old", b="old"))
    before = sorted(tmp_path.rglob("*"))
    os.mkfifo(pipe)
    child = python(INTERRUPTED, out, pipe)
    with pipe.open("wb") as opened:  # returns when the child has opened its end
        assert (out.parent / ".new.migrator").is_dir()
        child.send_signal(signal.SIGINT)
        printed, err = child.communicate(timeout=60)
        opened.flush()
    assert (printed, err) == ("interrupted\n", "")
    pipe.unlink()
    assert sorted(tmp_path.rglob("*")) == before
    if exists:
        assert tree(out) == {"a.py": b"old", "b.py": b"old"}


FULL = """
    import resource, sys
    from pathlib import Path
    from migrator.codemod.output.files import OutputFile
    from migrator.codemod.output.folders import write_package
    from migrator.errors import OutputError

    # The system refuses to write more than this: what a full disk is to a program.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    files = [OutputFile("a.py", data=b"new"), OutputFile("b.py", data=b"n" * 2000)]
    try:
        write_package(Path(sys.argv[1]), files)
    except OutputError as error:
        print(error.exit_code, error.why)
"""


@pytest.mark.parametrize("exists", [False, True], ids=["new folder", "folder of ours"])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, exists: bool) -> None:
    out = tmp_path / "new"
    if exists:
        write_package(out, texts(a="old", b="old"))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    printed, err = python(FULL, out).communicate(timeout=60)
    assert (printed, err) == ("2 The system says: File too large. Nothing was changed.\n", "")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert out.exists() == exists


def test_the_next_run_undoes_what_a_killed_one_began(tmp_path: Path) -> None:
    out, stage = tmp_path / "new", tmp_path / ".new.migrator"
    write_package(out, texts(a="old", b="old"))
    # As a process leaves it that is killed between two renames: `a` is new already, `b` is not.
    (stage / "old").mkdir(parents=True)
    (stage / "new").mkdir()
    (out / "a.py").rename(stage / "old" / "a.py")
    os.link(out / "b.py", stage / "old" / "b.py")
    (out / "a.py").write_text("half")
    (out / "sub").mkdir()
    (out / "sub" / "c.py").write_text("half")
    journal = {"replaced": ["a.py", "b.py"], "created": ["sub/c.py"], "folders": ["sub"]}
    (stage / "journal.json").write_text(json.dumps(journal))
    recover(out, stage)
    assert tree(out) == {"a.py": b"old", "b.py": b"old"}
    write_all(out, texts(a="newer"))
    assert tree(out) == {"a.py": b"newer", "b.py": b"old"}
    assert not stage.exists()


LOCKED = """
    import sys
    from pathlib import Path
    from migrator.codemod.output.transaction import _locked

    with _locked(Path(sys.argv[1])):
        print("locked", flush=True)
        sys.stdin.read()
"""


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(LOCKED), str(tmp_path / ".new.migrator")],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "locked\n"
    with pytest.raises(OutputError, match="Another run"):
        write_package(tmp_path / "new", texts(a="1"))
    child.communicate(timeout=60)
    write_package(tmp_path / "new", texts(a="1"))
    assert tree(tmp_path / "new") == {"a.py": b"1"}
