"""`migrator codemod`: what stands on standard output, in which format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.outside import process, repository

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]


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
