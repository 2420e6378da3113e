"""`migrator codemod`: what it writes, what it finds, and its exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.outside import tree

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]


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


def test_the_top_of_a_repository(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    top = tmp_path / "repository"
    shutil.copytree(shop, top / "src" / "shop")
    (top / "src" / "shop" / "old.py").write_text("from shop.models import Item\n")
    code, _, err = migrator(
        "codemod", top, "--out", tmp_path / "target", "--exclude", "src/shop/old.py"
    )
    assert code == 0
    assert "src/ is what is converted" in err
    assert not (tmp_path / "target" / "shop" / "old.py").exists()
    views = (tmp_path / "target" / "shop" / "views.py").read_text()
    assert "from target.shop.models import Item" in views
    assert "await db.session" in views
    code, out, _ = migrator("scan", top, "--format", "json")
    assert (code, json.loads(out)["source"]) == (0, "src")


def test_an_executable_bit_is_a_change(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "target"
    migrator("codemod", shop, "--out", out)
    (shop / "models.py").chmod(0o755)
    assert migrator("codemod", shop, "--out", out, "--check")[0] == 1
    assert "1 changed" in migrator("codemod", shop, "--out", out)[2]
    assert (out / "models.py").stat().st_mode & 0o100


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


@pytest.mark.parametrize("frame", ["flask", "fastapi"])
def test_what_it_has_converted_in_place_needs_nothing_more(
    migrator: Migrator, shop: Path, frame: str
) -> None:
    options = ("--frame", frame)
    assert migrator("codemod", shop, "--write", "--force", *options)[0] == 0
    (shop / ".migrator.json").unlink(missing_ok=True)
    code, printed, err = migrator("codemod", shop, "--diff", *options)
    assert (code, printed) == (0, "")
    assert "MIG107" in err


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
