"""`migrator codemod --merge`: what hands have changed in the new package stays, whatever changes in the old one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.codemod.output.files import OutputFile
from migrator.codemod.output.folders import Written, write_package
from migrator.codemod.output.manifest import BASES, MANIFEST
from migrator.errors import OutputError
from tests.cli.outside import repository, tree

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]

TEN = [f"line {number}\n" for number in range(10)]


def text(**lines: str) -> bytes:
    """Ten lines, some of them others: `text(l3="mine")`."""
    changed = {int(name[1:]): f"{line}\n" for name, line in lines.items()}
    return "".join(changed.get(n, line) for n, line in enumerate(TEN)).encode()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with a file of ten lines, which we have written and git knows."""
    folder = tmp_path / "new"
    write(folder, text())
    repository(folder)
    return folder


def write(folder: Path, data: bytes, *, merging: bool = True, **more: bytes) -> Written:
    files = {"a.py": data, **{f"{name}.py": other for name, other in more.items()}}
    made = [OutputFile(path, data=content) for path, content in files.items()]
    return write_package(folder, made, merging=merging)


def test_both_changes_are_in_the_merged_file(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine"))
    written = write(out, text(l8="new"))
    assert (written.merged, written.conflicts) == (("a.py",), {})
    assert (out / "a.py").read_bytes() == text(l1="mine", l8="new")


def test_it_goes_on_without_the_history(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine"))
    write(out, text(l8="new"))
    shutil.rmtree(out / ".git")
    write(out, text(l8="newer", l4="and"))
    assert (out / "a.py").read_bytes() == text(l1="mine", l4="and", l8="newer")
    (out / "a.py").write_bytes(text(l1="mine", l2="too", l4="and", l8="newer"))
    write(out, text(l6="else"))
    assert (out / "a.py").read_bytes() == text(l1="mine", l2="too", l6="else")


def test_where_nothing_new_is_made_it_stays_as_it_is(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine"))
    (out / "a.py").chmod(0o750)
    shutil.rmtree(out / ".git")
    written = write(out, text(), b=b"B = 1\n")
    assert (written.created, written.merged, written.left) == (("b.py",), (), ("a.py",))
    assert (out / "a.py").read_bytes() == text(l1="mine")
    assert not write(out, text(), b=b"B = 1\n").differs
    # What we had written is known from then on.
    write(out, text(l8="new"), b=b"B = 1\n")
    assert (out / "a.py").read_bytes() == text(l1="mine", l8="new")
    assert (out / "a.py").stat().st_mode & 0o777 == 0o750


def test_what_both_have_changed_is_marked_and_waits_for_a_hand(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine", l8="mine"))
    written = write(out, text(l1="new", l8="new"))
    assert written.conflicts == {"a.py": 2}
    marked = (out / "a.py").read_text()
    assert marked.count("<<<<<<< changed by hand\nmine\n||||||| migrator wrote before\nline ") == 2
    assert marked.count("=======\nnew\n>>>>>>> migrator writes now\n") == 2
    # It is told as long as it is so, and nothing is merged into it.
    again = write(out, text(l1="new", l8="new"))
    assert (again.differs, again.conflicts) == (False, {"a.py": 2})
    before = tree(out)
    with pytest.raises(OutputError, match=r"a\.py") as refused:
        write(out, text(l1="newer"))
    assert "earlier conflict" in str(refused.value)
    assert tree(out) == before
    (out / "a.py").write_bytes(text(l1="resolved", l8="new"))
    written = write(out, text(l1="new", l5="five", l8="new"))
    assert (written.merged, written.conflicts) == (("a.py",), {})
    assert (out / "a.py").read_bytes() == text(l1="resolved", l5="five", l8="new")


def test_what_nobody_knows_any_more_is_not_guessed(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine"))
    shutil.rmtree(out / ".git")
    before = tree(out)
    with pytest.raises(OutputError, match=r"a\.py") as refused:
        write(out, text(l8="new"))
    assert "git's history" in str(refused.value)
    assert tree(out) == before


def test_the_base_is_found_behind_later_commits(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine"))
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "mine"]
    subprocess.run(command, cwd=out, check=True)
    (out / "a.py").write_bytes(text(l1="mine", l2="again"))
    write(out, text(l8="new"))
    assert (out / "a.py").read_bytes() == text(l1="mine", l2="again", l8="new")


def test_a_file_for_which_nothing_is_made_any_more_is_theirs(out: Path) -> None:
    write(out, text(), b=b"B = 1\n", c=b"C = 1\n")
    (out / "b.py").write_bytes(b"B = 2\n")
    written = write(out, text())
    assert (written.removed, written.kept) == (("c.py",), ("b.py",))
    assert (out / "b.py").read_bytes() == b"B = 2\n"
    assert "b.py" not in json.loads((out / MANIFEST).read_text())["files"]
    # A later file of that name is not written over it.
    with pytest.raises(OutputError, match=r"b\.py"):
        write(out, text(), b=b"B = 3\n")


def test_what_we_would_write_anyway_is_no_change_of_hands(out: Path) -> None:
    (out / "a.py").write_bytes(text(l1="mine"))
    write(out, text())
    assert (out / BASES).is_file()
    written = write(out, text(l1="mine"))
    assert (written.merged, written.left) == ((), ())
    assert not (out / BASES).exists()
    write(out, text(), merging=False)


@pytest.mark.parametrize("data", [b"caf\xe9\r\nb\r\nc\r\nd\r\n", "\x0c\u2028\n1\n2\n3".encode()])
def test_bytes_survive_the_base(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "new"
    write(folder, data)
    (folder / "a.py").write_bytes(b"mine\r\n" + data)
    write(folder, data)
    assert write(folder, data + b"more").conflicts == {}
    assert (folder / "a.py").read_bytes() == b"mine\r\n" + data + b"more"


def test_what_is_no_text_is_not_merged(out: Path) -> None:
    write(out, b"\0" * 9)
    (out / "a.py").write_bytes(b"\0" * 8 + b"1")
    write(out, b"\0" * 9)
    with pytest.raises(OutputError, match=r"a\.py") as refused:
        write(out, b"\0" * 7)
    assert "binary" in str(refused.value)


def test_a_link_in_the_place_of_a_file_stays(out: Path) -> None:
    (out / "a.py").rename(out / "elsewhere.py")
    (out / "a.py").symlink_to("elsewhere.py")
    assert write(out, text()).left == ("a.py",)
    with pytest.raises(OutputError, match=r"a\.py"):
        write(out, text(l1="new"))
    assert (out / "a.py").is_symlink()


# -- as its users meet it


def test_a_view_that_a_hand_has_finished(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "target"
    migrator("codemod", shop, "--out", out)
    repository(tmp_path)
    view = out / "views.py"
    view.write_text(view.read_text().replace("[item.name ", "[item.name.title() "))
    assert "--merge" in migrator("codemod", shop, "--out", out, "--frame", "flask")[2]
    (shop / "views.py").write_text(
        (shop / "views.py")
        .read_text()
        .replace(
            "\n\n@bp",
            '\n\n@bp.route("/count")\ndef count():\n    return str(Item.query.count())\n\n\n@bp',
            1,
        )
    )
    assert migrator("codemod", shop, "--out", out, "--merge", "--check")[0] == 1
    code, _, err = migrator("codemod", shop, "--out", out, "--merge")
    assert (code, "1 merged" in err) == (0, True)
    assert "item.name.title()" in view.read_text()
    assert "async def count" in view.read_text()
    assert migrator("codemod", shop, "--out", out, "--merge", "--check")[0] == 0
    code, _, err = migrator("codemod", shop, "--out", out, "--merge")
    assert "as hands have left them, since nothing new is made there: views.py" in err


def test_a_conflict_is_told_and_counts(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "target"
    migrator("codemod", shop, "--out", out)
    repository(tmp_path)
    for folder, name in ((out, "mine"), (shop, "theirs")):
        text = (folder / "views.py").read_text()
        (folder / "views.py").write_text(text.replace("item.name ", f"item.name + '{name}' "))
    code, _, err = migrator("codemod", shop, "--out", out, "--merge")
    assert code == 1
    assert "conflict: views.py was changed by hand and by the conversion in a place" in err
    assert migrator("codemod", shop, "--out", out, "--merge", "--check")[0] == 1


@pytest.mark.parametrize("options", [("--merge",), ("--merge", "--force", "--out", "x")])
def test_merging_needs_a_folder_and_nothing_lost(
    migrator: Migrator, shop: Path, options: tuple[str, ...]
) -> None:
    code, _, err = migrator("codemod", shop, *options)
    assert (code, err.startswith("error[MIG001]: --merge is given with")) == (2, True)
