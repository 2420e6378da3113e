"""Bad input to `migrator codemod`: one clear message with a code, the exit code, no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]


def mistake(outcome: Outcome, code: str, *words: str) -> None:
    exit_code, out, err = outcome
    assert (exit_code, out) == (2, "")
    assert err.startswith(f"error[{code}]: ")
    assert [line.split(":")[0] for line in err.splitlines()[1:]] == ["  why", "  do"]
    for word in words:
        assert word in err


def test_a_path_that_is_missing(migrator: Migrator, tmp_path: Path) -> None:
    mistake(migrator("codemod", tmp_path / "nowhere"), "MIG003", "nowhere")


def test_a_path_that_is_a_file(migrator: Migrator, shop: Path) -> None:
    mistake(migrator("codemod", shop / "app.py"), "MIG003", "is a file", f"{str(shop)!r}")


def test_a_folder_without_python(migrator: Migrator, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    mistake(migrator("codemod", tmp_path), "MIG003", "no Python file")


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("shop", "is PATH itself"),
        ("shop/new", "lies inside PATH"),
        ("shop/../shop/a/b", "lies inside PATH"),
        ("../{parent}", "holds PATH"),
        ("my-shop", "my_shop"),
        ("class", "class_app"),
        ("2shop", "app_2shop"),
        ("taken", "did not write"),
        ("taken/file.txt", "is no package name"),
        ("taken/plain", "is a file"),
        ("taken/plain/new", "is a file"),
    ],
)
def test_a_folder_that_can_not_be_written(
    migrator: Migrator, shop: Path, out: str, words: str
) -> None:
    parent = shop.parent
    (parent / "taken").mkdir()
    (parent / "taken" / "file.txt").write_text("mine")
    (parent / "taken" / "plain").write_text("mine")
    before = sorted(parent.rglob("*"))
    place = parent / out.format(parent=parent.name)
    mistake(migrator("codemod", shop, "--out", place), "MIG005", words)
    assert sorted(parent.rglob("*")) == before


def test_a_link_to_path_is_path(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(shop)
    mistake(migrator("codemod", shop, "--out", tmp_path / "other"), "MIG005", "PATH itself")


def test_what_was_changed_by_hand_is_not_overwritten(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "target"
    migrator("codemod", shop, "--out", out)
    (out / "views.py").write_text("mine")
    mistake(migrator("codemod", shop, "--out", out), "MIG005", "views.py", "--force")
    assert (out / "views.py").read_text() == "mine"
    assert migrator("codemod", shop, "--out", out, "--force")[0] == 0
    assert "async def items" in (out / "views.py").read_text()


def test_force_writes_into_a_folder_of_others_and_leaves_their_files(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "target"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    assert migrator("codemod", shop, "--out", out, "--force")[0] == 0
    assert (out / "mine.txt").read_text() == "mine"
    assert (out / "views.py").exists()


@pytest.mark.parametrize(
    ("app", "word"),
    [
        ("nothing", "module:attribute"),
        ("shop.app:", "module:attribute"),
        (":create_app", "module:attribute"),
        ("shop/app.py:create_app", "module:attribute"),
        ("nowhere:app", "nowhere"),
        ("shop.app:nothing", "nothing"),
        ("shop.models:Item", "Item"),
        ("shop.views:items", "shop.views:items"),
        ("shop.app:create_app(test)", "literals"),
        ("shop.app:create_app('test'", "literals"),
    ],
)
def test_an_application_that_is_none(migrator: Migrator, shop: Path, app: str, word: str) -> None:
    mistake(migrator("codemod", shop, "--app", app), "MIG002", word)


def test_several_applications(migrator: Migrator, shop: Path) -> None:
    text = (shop / "app.py").read_text()
    (shop / "app.py").rename(shop / "one.py")
    (shop / "two.py").write_text(text)
    mistake(migrator("codemod", shop), "MIG002", "shop.one:create_app", "shop.two:create_app")
    assert migrator("codemod", shop, "--app", "shop.one:create_app")[0] == 0
    assert migrator("codemod", shop, "--app", "shop.two:create_app()")[0] == 0


def test_a_factory_is_named_with_its_arguments(
    migrator: Migrator, shop: Path, tmp_path: Path
) -> None:
    text = (shop / "app.py").read_text()
    (shop / "app.py").write_text(text.replace("create_app()", "create_app(environment)"))
    out = tmp_path / "target"
    code, printed, _ = migrator("codemod", shop, "--out", out)
    assert code == 1
    assert "MIG424" in printed
    assert migrator("codemod", shop, "--out", out, "--app", "shop.app:create_app('test')")[0] == 0
    assert "    converted = create_app('test')\n" in (out / "asgi.py").read_text()


@pytest.mark.parametrize(
    "arguments",
    [["--format", "xml"], ["--no-such-option"], ["--out"], ["another", "path"]],
    ids=lambda a: a[0],
)
def test_what_the_command_line_does_not_know(
    migrator: Migrator, shop: Path, arguments: list[str]
) -> None:
    mistake(migrator("codemod", shop, *arguments), "MIG001")


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_code_that_is_none(migrator: Migrator, shop: Path, option: str) -> None:
    mistake(migrator("codemod", shop, option, "E501"), "MIG001", option, "E501")


def test_a_report_that_can_not_be_written(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    mistake(migrator("codemod", shop, "--report", tmp_path / "a" / "b.html"), "MIG001", "b.html")


def test_a_report_that_the_system_refuses(migrator: Migrator, shop: Path) -> None:
    outcome = migrator("codemod", shop, "--report", "/dev/full")
    assert outcome[0] == 2
    assert outcome[2].startswith("error[MIG005]: The report can't be written to '/dev/full'.")


@pytest.mark.parametrize(
    "arguments", [["codemod", "", "--write"], ["scan", ""], ["codemod", "shop", "--out", ""]]
)
def test_an_empty_path_is_not_this_folder(
    migrator: Migrator, shop: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(shop)
    mistake(migrator(*arguments), "MIG001", "names no folder")


# -- pyproject.toml


def test_settings_come_from_the_nearest_pyproject(migrator: Migrator, shop_with_left: Path) -> None:
    (shop_with_left.parent / "pyproject.toml").write_text(
        '[tool.migrator]\napp = "shop.app:create_app"\nignore = ["MIG401"]\nexclude = ["static"]\n'
    )
    out = shop_with_left.parent / "target"
    code, printed, _ = migrator("codemod", shop_with_left, "--out", out, "--format", "json")
    assert code == 0
    assert json.loads(printed)["application"] == "shop.app:create_app"
    assert not (out / "static").exists()
    # The command line wins.
    assert migrator("codemod", shop_with_left, "--ignore", "MIG1")[0] == 1
    settings = shop_with_left.parent / "pyproject.toml"
    settings.write_text('[tool.migrator]\nselect = ["MIG1"]\ntrace = "none.json"\n')
    mistake(migrator("codemod", shop_with_left), "MIG043", "none.json")
    trace = shop_with_left.parent / "trace.json"
    trace.write_text('{"version": 1, "files": {}, "queries": []}')
    assert migrator("codemod", shop_with_left, "--trace", trace)[0] == 0
    assert migrator("codemod", shop_with_left, "--trace", trace, "--select", "MIG4")[0] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tool.migrator]\nignored = ["MIG401"]\n', ("ignored", "Did you mean 'ignore'?")),
        ("[tool.migrator]\nzzz = 1\n", ("zzz", "app, frame, exclude, select, ignore")),
        ("[tool.migrator]\napp = 1\n", ("app", "text")),
        ('[tool.migrator]\nframe = "django"\n', ("frame", "auto, fastapi, flask")),
        ('[tool.migrator]\nselect = "MIG4"\n', ("select", "list")),
        ('[tool.migrator]\nkeep-db-names = "yes"\n', ("keep-db-names", "true or false")),
        ("[tool]\nmigrator = 1\n", ("migrator", "table")),
        ("[tool.migrator\n", ("pyproject.toml", "can't be read")),
        ('[tool.migrator]\nselect = ["MIG4", "W1"]\n', ("[tool.migrator] select 'W1'", "MIG402")),
        ('[tool.migrator]\nwaitng = ["company.call"]\n', ("waitng", "Did you mean 'waiting'?")),
        ('[tool.migrator]\nwaiting = "company.call"\n', ("waiting", "list")),
        ('[tool.migrator]\nwaiting = ["call"]\n', ("waiting has 'call'", "company.sdk.call")),
        ('[tool.migrator]\nwaiting = ["a.b.call()"]\n', ("waiting has 'a.b.call()'",)),
        ('[tool.migrator]\nwaiting = ["a.*.call"]\n', ("waiting has 'a.*.call'",)),
        ('[tool.migrator]\napp = "shop"\n', ("[tool.migrator] app 'shop'", "shop.app:create_app")),
    ],
)
def test_settings_that_can_not_be_followed(
    migrator: Migrator, shop: Path, text: str, words: tuple[str, ...]
) -> None:
    (shop / "pyproject.toml").write_text(text)
    mistake(migrator("codemod", shop), "MIG004", *words)


# -- sources


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"def f(:\n", "MIG101"),
        (b"x = (\n", "MIG101"),
        (b"print 'hello'\n", "MIG102"),
        (b"try:\n    pass\nexcept ValueError, e:\n    pass\n", "MIG102"),
        (b"\xff\xfe\n", "MIG103"),
        (b"# coding: no-such-codec\n", "MIG103"),
        (b"x = 1\x00\n", "MIG101"),
    ],
)
def test_a_file_that_can_not_be_parsed_is_a_finding_and_copied(
    migrator: Migrator, shop: Path, tmp_path: Path, content: bytes, code: str
) -> None:
    (shop / "odd.py").write_bytes(content)
    out = tmp_path / "target"
    exit_code, printed, _ = migrator("codemod", shop, "--out", out, "--format", "json")
    assert exit_code == 1
    found = [f for f in json.loads(printed)["findings"] if f["path"] == "odd.py"]
    assert [f["code"] for f in found] == [code]
    assert (out / "odd.py").read_bytes() == content
    assert "async def items" in (out / "views.py").read_text()
