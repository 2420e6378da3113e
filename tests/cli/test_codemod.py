"""`migrator codemod`: what it writes, what it prints where, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.codemod.git import check_clean

ROOT = Path(__file__).parents[2]
Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def process(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "migrator", "codemod", *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


# -- writing and exit codes


def test_nothing_left_is_exit_code_0_and_the_source_stays(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    before = tree(shop)
    code, out, err = migrator("codemod", shop, "--out", tmp_path / "new_shop")
    assert code == 0
    assert "1 = 1 native + 0 bridged + 0 left" in out
    assert "Nothing is left to do by hand." in out
    assert "written to" in err
    assert tree(shop) == before
    written = tree(tmp_path / "new_shop")
    assert written["static/logo.bin"] == before["static/logo.bin"]
    assert b"from new_shop.models import Item" in written["views.py"]
    assert b"await db.session.scalars(select(Item)" in written["views.py"]
    assert b"mount_legacy" in written["asgi.py"]


def test_findings_are_exit_code_1_and_everything_is_written(
    migrator: Migrator, shop_with_left: Path, tmp_path: Path
) -> None:
    code, out, _ = migrator("codemod", shop_with_left, "--out", tmp_path / "new_shop")
    assert code == 1
    assert "MIG401" in out
    assert "views.py:13:1 colour" in out
    assert (tmp_path / "new_shop" / "views.py").exists()


def test_without_a_place_to_write_nothing_is_written(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    code, _, err = migrator("codemod", shop)
    assert code == 0
    assert "nothing was written" in err
    assert sorted(tmp_path.rglob("*")) == before


def test_the_new_package_may_have_the_old_name_elsewhere(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    assert migrator("codemod", shop, "--out", tmp_path / "target" / "shop")[0] == 0
    assert "from shop.models import Item" in (tmp_path / "target/shop/views.py").read_text()


def test_a_second_run_writes_nothing_and_a_third_only_what_changed(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new_shop"
    migrator("codemod", shop, "--out", out)
    first = tree(out)
    assert "nothing had to be written" in migrator("codemod", shop, "--out", out)[2]
    assert tree(out) == first
    (shop / "static" / "logo.bin").unlink()
    (shop / "extra.py").write_text("A = 1\n")
    (out / "by_hand.py").write_text("B = 2\n")
    assert "1 new, 1 removed" in migrator("codemod", shop, "--out", out)[2]
    assert not (out / "static").exists()
    assert (out / "by_hand.py").read_text() == "B = 2\n"


def test_two_runs_write_the_same_bytes(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    migrator("codemod", shop, "--out", tmp_path / "a" / "target")
    migrator("codemod", shop, "--out", tmp_path / "b" / "target")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_its_own_output_is_left_alone_and_it_says_why(
    migrator: Migrator, shop_with_left: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new_shop"
    migrator("codemod", shop_with_left, "--out", out)
    assert migrator("codemod", out, "--diff")[:2] == (0, "")
    (out / ".migrator.json").unlink()
    code, printed, err = migrator("codemod", out, "--diff")
    assert (code, printed) == (0, "")
    assert "converted already" in err


def test_a_package_without_an_application(migrator: Migrator, tmp_path: Path) -> None:
    root = tmp_path / "lib"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "models.py").write_text(
        "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.orm import declarative_base\n\n"
        "Base = declarative_base()\n\n\n"
        "class Item(Base):\n    __tablename__ = 'item'\n    id = Column(Integer, primary_key=True)\n"
    )
    (root / "functions.py").write_text(
        "from lib.models import Item\n\n\ndef newest(session):\n    return session.query(Item).all()\n"
    )
    code, out, _ = migrator("codemod", root, "--out", tmp_path / "new_lib", "--format", "json")
    assert code == 0
    assert json.loads(out)["endpoints"] == []
    assert "async def newest(session):" in (tmp_path / "new_lib" / "functions.py").read_text()
    assert not (tmp_path / "new_lib" / "asgi.py").exists()


# -- what stands on standard output


def test_json_is_all_that_stands_on_standard_output(shop_with_left: Path) -> None:
    done = process(shop_with_left, "--format", "json", "--out", shop_with_left.parent / "new")
    assert done.returncode == 1
    made = json.loads(done.stdout)
    totals = made["totals"]
    assert totals["seen"] == totals["native"] + totals["bridged"] + totals["left"] == 2
    assert [(e["endpoint"], e["level"]) for e in made["endpoints"] if e["level"] == "legacy"] == [
        ("shop.colour", "legacy")
    ]
    assert {tuple(f) for f in made["findings"]} == {
        ("path", "line", "column", "code", "message", "symbol", "hint")
    }
    assert ("views.py", 13, "MIG401", "colour") in {
        (f["path"], f["line"], f["code"], f["symbol"]) for f in made["findings"]
    }
    assert "written to" in done.stderr


@pytest.mark.parametrize("format_", ["sarif", "html", "text"])
def test_every_format_runs_in_a_process_of_its_own(shop_with_left: Path, format_: str) -> None:
    done = process(shop_with_left.name, "--format", format_, cwd=shop_with_left.parent)
    assert done.returncode == 1
    assert "MIG401" in done.stdout
    assert "nothing was written" in done.stderr


def test_a_diff_is_all_that_stands_on_standard_output_and_can_be_applied(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    code, out, err = migrator("codemod", shop, "--diff")
    assert code == 0
    assert out.startswith("--- a/app.py\n+++ b/app.py\n@@")
    assert "\x1b[" not in out
    assert "query sites" in err
    subprocess.run(["git", "apply", "-p1"], cwd=shop, input=out.encode(), check=True)
    assert "async def items" in (shop / "views.py").read_text()


def test_a_diff_may_be_part_of_the_json(migrator: Migrator, shop: Path) -> None:
    _, out, _ = migrator("codemod", shop, "--diff", "--format", "json")
    assert "+async def items" in json.loads(out)["diff"]


def test_verbose_shows_every_endpoint(migrator: Migrator, shop: Path) -> None:
    assert "/items" not in migrator("codemod", shop)[1]
    assert "/items" in migrator("codemod", shop, "--verbose")[1]


def test_a_page_can_be_written_beside_the_report(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    assert migrator("codemod", shop, "--report", page)[0] == 0
    assert page.read_text().startswith("<!doctype html>")


# -- check


def test_check_says_what_would_change_and_writes_nothing(
    migrator: Migrator, shop_with_left: Path, tmp_path: Path
) -> None:
    out = tmp_path / "target"
    assert migrator("codemod", shop_with_left, "--check")[0] == 1
    assert migrator("codemod", shop_with_left, "--check", "--out", out)[0] == 1
    assert not out.exists()
    migrator("codemod", shop_with_left, "--out", out)
    assert migrator("codemod", shop_with_left, "--check", "--out", out)[0] == 0
    (out / "views.py").write_text("")
    code, _, err = migrator("codemod", shop_with_left, "--check", "--out", out)
    assert code == 1
    assert "would change" in err
    assert (out / "views.py").read_text() == ""


def test_check_of_what_needs_no_conversion(migrator: Migrator, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("A = 1\n")
    assert migrator("codemod", tmp_path, "--check")[0] == 0


# -- choosing findings


def test_names_that_db_passes_on_may_stay(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    def column(*options: str) -> bool:
        migrator("codemod", shop, "--out", tmp_path / "new", *options)
        return "    id = Column(Integer" in (tmp_path / "new" / "models.py").read_text()

    assert column()
    assert not column("--keep-db-names")
    (shop / "pyproject.toml").write_text("[tool.migrator]\nkeep-db-names = true\n")
    assert not column()


def test_select_and_ignore(migrator: Migrator, shop_with_left: Path) -> None:
    def codes(*arguments: str) -> tuple[int, set[str]]:
        code, out, _ = migrator("codemod", shop_with_left, "--format", "json", *arguments)
        made = json.loads(out)
        assert made["totals"]["seen"] == 2
        return code, {f["code"] for f in made["findings"]}

    assert codes() == (1, {"MIG401"})
    assert codes("--ignore", "MIG401") == (0, set())
    assert codes("--ignore", "MIG4,MIG5") == (0, set())
    assert codes("--select", "MIG1") == (0, set())
    assert codes("--select", "MIG401", "--ignore", "MIG4") == (1, {"MIG401"})
    assert codes("--select", "MIG4", "--ignore", "MIG401") == (0, set())


def test_a_comment_keeps_a_finding_off_the_list_and_an_idle_one_is_a_finding(
    migrator: Migrator, shop_with_left: Path
) -> None:
    views = shop_with_left / "views.py"
    text = views.read_text()
    kept = text.replace(
        '@bp.route("/colours',
        '# migrator: keep[MIG401] the mount is right for it\n@bp.route("/colours',
    ).replace(".count())", ".count())  # migrator: keep[MIG401] with its view")
    views.write_text(kept)
    code, out, _ = migrator("codemod", shop_with_left, "--format", "json")
    assert code == 0
    assert json.loads(out)["suppressed"] == 2
    views.write_text(text.replace("/items", "/item") + "\n\nA = 1  # migrator: keep[MIG401]\n")
    _, out, _ = migrator("codemod", shop_with_left, "--format", "json")
    unused = [f for f in json.loads(out)["findings"] if f["code"] == "MIG190"]
    assert [(f["path"], f["line"], f["column"]) for f in unused] == [("views.py", 18, 8)]


# -- in place


def repository(root: Path) -> None:
    for arguments in (
        ["init", "-q"], ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"],
    ):  # fmt: skip
        subprocess.run(["git", *arguments], cwd=root, check=True)


def test_a_check_in_place_needs_no_git(migrator: Migrator, shop: Path) -> None:
    code, _, err = migrator("codemod", shop, "--write", "--check")
    assert (code, err) == (1, f"{shop} would change\n")


def test_only_a_conversion_in_place_leaves_endpoints_to_nobody(
    migrator: Migrator, shop_with_left: Path, tmp_path: Path
) -> None:
    words = "1 endpoint(s) are served by nothing now"
    assert words not in migrator("codemod", shop_with_left, "--out", tmp_path / "target")[2]
    assert words in migrator("codemod", shop_with_left, "--write", "--force")[2]


def test_an_executable_bit_is_a_change(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "target"
    migrator("codemod", shop, "--out", out)
    (shop / "models.py").chmod(0o755)
    assert migrator("codemod", shop, "--out", out, "--check")[0] == 1
    assert "1 changed" in migrator("codemod", shop, "--out", out)[2]
    assert (out / "models.py").stat().st_mode & 0o100


def test_sarif_names_files_from_the_top_of_the_work_tree(
    migrator: Migrator, shop_with_left: Path
) -> None:
    def uris() -> set[str]:
        (run,) = json.loads(migrator("codemod", shop_with_left, "--format", "sarif")[1])["runs"]
        return {
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
        }

    assert uris() == {"views.py"}
    repository(shop_with_left.parent)
    assert uris() == {"shop/views.py"}


@pytest.mark.parametrize("format_", ["json", "sarif", "html", "text"])
def test_a_name_that_is_no_utf_8_is_in_every_report(
    shop_with_left: Path, tmp_path: Path, format_: str
) -> None:
    odd = os.fsdecode(b"odd\xe9.py")
    (shop_with_left / odd).write_text("from shop.models import Item\n\nprint(Item.query.count()")
    page = tmp_path / "page.html"
    done = process(shop_with_left, "--format", format_, "--report", page)
    assert done.returncode == 1
    assert "odd" in done.stdout
    assert "odd" in page.read_text()


def test_git_is_left_without_a_lock(shop: Path) -> None:
    repository(shop.parent)
    index = shop.parent / ".git" / "index"
    before = index.stat().st_mtime_ns
    os.utime(shop / "views.py", (1, 1))
    check_clean(shop)
    assert index.stat().st_mtime_ns == before


def test_in_place_needs_git_and_a_clean_tree(migrator: Migrator, shop: Path) -> None:
    before = tree(shop)
    code, _, err = migrator("codemod", shop, "--write")
    assert (code, tree(shop)) == (2, before)
    assert "error[MIG006]" in err
    repository(shop.parent)
    (shop / "extra.py").write_text("A = 1\n")
    code, _, err = migrator("codemod", shop, "--write")
    assert code == 2
    assert "shop/extra.py" in err
    assert "async" not in (shop / "views.py").read_text()


def test_in_place_changes_only_what_must_change(migrator: Migrator, shop: Path) -> None:
    (shop / "models.py").chmod(0o750)
    repository(shop.parent)
    code, _, err = migrator("codemod", shop, "--write")
    assert code == 0
    assert "3 changed" in err
    assert "from shop.models import Item" in (shop / "views.py").read_text()
    assert (shop / "models.py").stat().st_mode & 0o777 == 0o750
    assert not (shop / "asgi.py").exists()
    assert not list(shop.parent.glob(".shop*"))
    assert migrator("codemod", shop, "--check")[0] == 0


SCRIPTS = {
    "app.py": """\
from flask import Flask
from models import db

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + __file__ + ".db"
db.init_app(app)

import views
from models import Item

with app.app_context():
    db.create_all()
    if Item.query.count() == 0:
        db.session.add_all([Item(id=2), Item(id=1)])
        db.session.commit()
""",
    "models.py": """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
""",
    "views.py": """\
from flask import jsonify

from app import app
from models import Item


@app.route("/items")
def items():
    return jsonify([item.id for item in Item.query.order_by(Item.id).all()])
""",
}
ASK = """
from app import app
print(app.test_client().get("/items").json)
"""


def test_modules_that_lie_side_by_side_run_as_they_did(migrator: Migrator, tmp_path: Path) -> None:
    root = tmp_path / "site"
    root.mkdir()
    for name, text in SCRIPTS.items():
        (root / name).write_text(text)
    repository(root)
    assert migrator("codemod", root, "--write")[0] == 0
    assert "await db.session.scalars(" in (root / "views.py").read_text()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", ASK],
            cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert (run.stdout, run.stderr) == ("[1, 2]\n", "")


def test_in_place_says_what_is_served_by_nothing(migrator: Migrator, shop_with_left: Path) -> None:
    repository(shop_with_left.parent)
    code, _, err = migrator("codemod", shop_with_left, "--write")
    assert code == 1
    assert "1 endpoint(s) are served by nothing now" in err


def test_out_and_write_exclude_each_other(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    assert migrator("codemod", shop, "--write", "--out", tmp_path / "x")[0] == 2


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"# coding: latin-1\n" + text.encode("latin-1"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip().encode(),
    ],
    ids=["byte order mark", "latin-1", "CRLF", "no newline at the end"],
)
def test_a_diff_can_be_applied_to_files_as_they_are(
    encode: Callable[[str], bytes], shop: Path
) -> None:
    views = shop / "views.py"
    views.write_bytes(encode(views.read_text().replace("items():", "items():  # Müller")))
    command = [sys.executable, "-m", "migrator", "codemod", str(shop)]
    done = subprocess.run([*command, "--diff"], capture_output=True, check=True, timeout=60)
    subprocess.run(
        ["git", "apply", "-p1", "--whitespace=nowarn"], cwd=shop, input=done.stdout, check=True
    )
    checked = subprocess.run([*command, "--check"], capture_output=True, timeout=60)
    assert checked.returncode == 0
    assert "Müller".encode("latin-1" if b"latin" in views.read_bytes() else "utf-8") in (
        views.read_bytes()
    )


# -- the cache and the processes


def test_a_second_run_says_the_same_and_reads_what_the_first_one_kept(
    migrator: Migrator, shop_with_left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATOR_CACHE_DIR", str(tmp_path / "cache"))
    first = migrator("codemod", shop_with_left, "--format", "json")
    assert len(list((tmp_path / "cache").glob("*.entry"))) == 1
    from migrator.codemod import convert

    with monkeypatch.context() as patch:
        patch.delattr(convert, "convert")
        assert migrator("codemod", shop_with_left, "--format", "json") == first
        assert migrator("codemod", shop_with_left, "--format", "json", "--no-cache")[0] == 3
    assert migrator("codemod", shop_with_left, "--format", "json", "--no-cache") == first


def test_a_second_run_writes_what_a_first_one_writes(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    (shop / "link").symlink_to("static/logo.bin")
    (shop / "views.py").chmod(0o755)
    first: dict[Path, tuple[int, bytes]] = {}
    for arguments in (["--no-cache"], [], []):
        assert migrator("codemod", shop, "--out", tmp_path / "new", *arguments)[0] == 0
        made = {p: (p.lstat().st_mode, p.read_bytes()) for p in (tmp_path / "new").rglob("*.*")}
        (tmp_path / "new").rename(tmp_path / f"old{len(list(tmp_path.glob('old*')))}")
        assert len(made) > 4
        first = first or made
        assert made == first


@pytest.mark.parametrize("command", ["codemod", "scan"])
def test_no_cache(
    command: str, migrator: Migrator, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATOR_CACHE_DIR", str(tmp_path / "cache"))
    assert migrator(command, shop, "--no-cache")[0] == 0
    (tmp_path / "pyproject.toml").write_text("[tool.migrator]\ncache = false\n")
    assert migrator(command, shop)[0] == 0
    assert not (tmp_path / "cache").exists()
    (tmp_path / "pyproject.toml").write_text("[tool.migrator]\ncache = true\n")
    plain = migrator(command, shop, "--format", "json")
    assert len(list((tmp_path / "cache").glob("*.entry"))) == 1
    assert migrator(command, shop, "--format", "json") == plain


def test_jobs(migrator: Migrator, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from migrator.codemod import jobs

    monkeypatch.setattr(jobs, "SHARE", 1)
    one, two = (migrator("codemod", shop, "--diff", "--no-cache", "--jobs", n) for n in (1, 2))
    assert one == two
    assert migrator("codemod", shop, "--jobs", 0)[0] == 2


def test_long_chains_and_sums_are_no_fault_of_ours(tmp_path: Path) -> None:
    root = tmp_path / "lib"
    root.mkdir()
    (root / "sums.py").write_text("a = 1\nb = " + " + ".join(["a"] * 900) + "\n")
    (root / "chains.py").write_text(
        "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.orm import Session, declarative_base\n\n"
        "Base = declarative_base()\n\n\n"
        "class Item(Base):\n    __tablename__ = 'item'\n    id = Column(Integer, primary_key=True)\n\n\n"
        "def some(session: Session):\n"
        "    return session.query(Item)" + ".filter(Item.id > 1)" * 250 + ".all()\n"
    )
    done = process(root, "--out", tmp_path / "new", "--no-cache")
    assert (done.returncode, "MIG9" in done.stdout + done.stderr) == (0, False), done.stderr
