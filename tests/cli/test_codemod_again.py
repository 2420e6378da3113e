"""`migrator codemod` once more, in several processes, and on long code: the same result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.outside import process

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]


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


@pytest.mark.parametrize("command", ["codemod", "scan"])
def test_names_in_the_settings(command: str, migrator: Migrator, shop: Path) -> None:
    with (shop / "views.py").open("a") as views:
        views.write(
            "\n\n@bp.route('/sent')\ndef sent():\n    import company\n    return company.sent()\n"
        )
    settings = shop.parent / "pyproject.toml"

    def made(text: str) -> list[tuple[str, str]]:
        settings.write_text(f"[tool.migrator]\n{text}\n")
        found = json.loads(migrator(command, shop, "--format", "json")[1])["findings"]
        return [(f["code"], f["path"]) for f in found]

    left_over = [("MIG193", "../pyproject.toml")]
    for _ in range(2):
        assert made("") == []
        assert made('waiting = ["company.sent"]') == []
        assert made('waiting = ["company.sents"]') == left_over
        assert made('keep-parts = ["company"]') == []
        assert made('keep-parts = ["companies"]') == left_over
        assert made('keep-parts = ["companies"]\nignore = ["MIG193"]') == []
    settings.write_text('[tool.migrator]\nwaiting = ["company.sent"]\n')
    assert "+    return in_thread(company.sent)\n" in migrator("codemod", shop, "--diff")[1]


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
