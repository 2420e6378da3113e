"""What is kept of earlier runs changes nothing but the time: every byte is what a first run gives."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from migrator.codemod import cache, fingerprint
from migrator.codemod.cache import Entry, Texts, remembered
from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from migrator.codemod.output.files import Package, package_of
from migrator.codemod.result import Outcome
from migrator.codemod.rewriting import tree
from migrator.codemod.rewriting.units import Unit
from tests.codemod import small_package
from tests.codemod.edits import edit

ROOT = Path(__file__).parents[2]
Result = tuple[Outcome, Package]

VIEWS = (
    small_package.HEAD
    + """\
@bp.route("/orders")
def orders():
    return jsonify([order.total for order in Order.query.order_by(Order.id).all()])


@bp.route("/orders/<int:order_id>")
def order(order_id):
    found = Order.query.get_or_404(order_id)
    return jsonify(total=found.total, customer=found.customer.name)


@bp.route("/page")
def page():
    return render_template("page.html", orders=newest(3))


def newest(count):
    return Order.query.order_by(Order.id.desc()).limit(count)
"""
)
TOOLS = """\
from shop.models import Order, db


def total(status):
    return sum(order.total for order in Order.query.filter_by(status=status))


def close(order):
    order.status = "closed"
    db.session.commit()
    return order.customer
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = small_package.write(
        tmp_path, {**small_package.FILES, "views.py": VIEWS, "tools.py": TOOLS}
    )
    (root / "templates").mkdir()
    (root / "templates" / "page.html").write_text(
        "{% for order in orders %}{{ order }}{% endfor %}"
    )
    return root


def fresh(root: Path) -> Result:
    made = convert(root, package="new")
    return outcome_of(made), package_of(made)


class Runs:
    """Runs of the codemod with a cache; `made` counts those that had to convert."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.made = 0
        self.again: list[str] = []

    def __call__(self, root: Path, *settings: object) -> Result:
        def make(texts: Texts | None) -> tuple[Result, bool]:
            self.made += 1
            assert texts is not None
            conversion = convert(root, package="new", kept=texts)
            self.again = [p for p in texts.now if p and texts.before.get(p) != texts.now[p]]
            return (outcome_of(conversion), package_of(conversion)), not conversion.failed

        return remembered(self.home, root, settings, (), make)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "cache")


# -- what is used again


def test_nothing_is_converted_where_nothing_has_changed(package: Path, runs: Runs) -> None:
    first = runs(package)
    assert runs(package) == first == fresh(package)
    assert runs.made == 1


def test_a_file_whose_part_of_the_plan_is_the_same_is_not_rewritten_again(
    package: Path, runs: Runs
) -> None:
    runs(package)
    assert set(runs.again) == {"__init__.py", "views.py", "tools.py", "models.py"}
    with (package / "tools.py").open("a") as file:
        file.write("\n\ndef oldest():\n    return Order.query.order_by(Order.id).first()\n")
    assert runs(package) == fresh(package)
    assert runs.again == ["tools.py"]


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    """The units that were rewritten."""
    made: list[Unit] = []
    make = tree._Text._made

    def noted(module: tree._Text, unit: Unit) -> list[str]:
        made.append(unit)
        return make(module, unit)

    monkeypatch.setattr(tree._Text, "_made", noted)
    return made


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("def order(order_id):\n", "def order(order_id):\n    seen = 1\n", 0),
        ("def newest(", "# Used by the page.\ndef newest(", 0),
        ("limit(count)", "limit(count + 1)", 1),
        # Whose names are imported by other names then.
        ("def orders():\n", "def orders():\n    select = 1\n", 3),
        ('@bp.route("/page")', 'select = None\n\n\n@bp.route("/page")', 10),
    ],
    ids=["a statement", "a comment", "an edited statement", "a local name", "a module's name"],
)
def test_of_a_changed_file_what_is_as_it_was_is_not_rewritten(
    old: str, new: str, count: int, package: Path, runs: Runs, units: list[Unit]
) -> None:
    runs(package)
    views = package / "views.py"
    views.write_text(views.read_text().replace(old, new))
    units.clear()
    second = runs(package)
    assert len(units) == count
    assert runs.again == ["views.py"]
    assert second == fresh(package)


def loaded(package: Path, home: Path) -> set[str]:
    """The modules that the command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "migrator", "codemod", str(package)]
    environment = {**os.environ, "MIGRATOR_CACHE_DIR": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_libcst_is_not_loaded_for_what_is_as_it_was(package: Path, tmp_path: Path) -> None:
    assert "libcst" in loaded(package, tmp_path / "cache")
    views = package / "views.py"
    views.write_text(views.read_text().replace("def page():\n", "def page():\n    seen = 1\n"))
    assert "libcst" not in loaded(package, tmp_path / "cache")


def test_what_reads_templates_and_requirements_is_loaded_where_there_are_some(
    tmp_path: Path,
) -> None:
    root = small_package.write(tmp_path, {**small_package.FILES, "tools.py": TOOLS})
    again = {"jinja2", "packaging", "importlib.metadata"}
    assert loaded(root, tmp_path / "cache").isdisjoint(again)
    (root / "templates").mkdir()
    (root / "templates" / "page.html").write_text("{{ order }}")
    (root / "requirements.txt").write_text("flask<2\n")
    assert loaded(root, tmp_path / "cache") >= again


def test_a_change_elsewhere_that_changes_the_plan_of_a_file_rewrites_it(
    package: Path, runs: Runs
) -> None:
    runs(package)
    views = package / "views.py"
    views.write_text(views.read_text() + "\n\ndef user():\n    return total('new')\n")
    tools = package / "tools.py"
    tools.write_text(tools.read_text().replace("Order.query.filter_by(status=status)", "[]"))
    assert runs(package) == fresh(package)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "templates" / "page.html").write_text("{{ orders.count() }}"),
        lambda root: (root / "static.txt").write_text(""),
        lambda root: (root / "views.py").unlink(),
        lambda root: (root / "views.py").rename(root / "pages.py"),
        lambda root: (root / "views.py").write_bytes(b"\xff"),
        lambda root: (root / "link.txt").symlink_to("nowhere"),
        lambda root: (root / ".migrator.json").write_text("{}"),
        lambda root: (root.parent / "run.py").write_text(
            "from shop.tools import total\ntotal('new')\n"
        ),
    ],
    ids=["template", "data", "removed", "renamed", "broken", "link", "manifest", "beside"],
)
def test_whatever_a_conversion_reads_counts(
    change: Callable[[Path], object], package: Path, runs: Runs
) -> None:
    runs(package)
    change(package)
    assert runs(package) == fresh(package)
    assert runs.made == 2


def test_a_template_beside_the_package_counts(package: Path, runs: Runs) -> None:
    views = package / "views.py"
    view = 'render_template("beside.html", orders=newest(3))'
    views.write_text(f'{VIEWS}\n\n@bp.route("/beside")\ndef beside():\n    return {view}\n')
    page = package.parent / "templates" / "beside.html"
    page.parent.mkdir()
    page.write_text("{% for order in orders %}{{ order }}{% endfor %}")
    first = runs(package)
    page.write_text("{{ orders.count() }}")
    assert runs(package) == fresh(package) != first
    assert runs.made == 2


def test_every_file_that_a_conversion_opens_counts(package: Path) -> None:
    (package / "notes.html").write_text("{{ orders }}")
    (package / "templates" / "part").mkdir()
    (package / "templates" / "part" / "row.txt").write_text("{{ order }}")
    (package / "shop.cfg.example").write_text("KIND = 'x.y'\n")
    (package / "settings.py").write_text(
        "def set_up(app):\n    app.config.from_pyfile('shop.cfg.example')\n"
    )
    opened: set[Path] = set()
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(package) in str(arguments[0]):
            opened.add(Path(str(arguments[0])))

    sys.addaudithook(watch)
    fresh(package)
    watching = False
    assert {p.name for p in opened} >= {"views.py", "models.py", "page.html", "shop.cfg.example"}
    for path in opened:
        before = fingerprint.folder(package)
        path.write_text(path.read_text() + " ")
        assert fingerprint.folder(package) != before, path


def test_settings_and_the_tool_count(
    package: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(package)
    runs(package, "other")
    assert runs.made == 2
    monkeypatch.setattr(fingerprint, "tool", lambda: "another version")
    runs(package)
    assert runs.made == 3
    assert set(runs.again) == {"__init__.py", "views.py", "tools.py", "models.py"}


def test_another_release_of_a_parser_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert metadata.version("libcst") in fingerprint._version("libcst")
    monkeypatch.setattr(os, "listdir", lambda _: ["libcst-99.1.dist-info", "libcst"])
    assert fingerprint._version("libcst") == "libcst-99.1.dist-info"
    monkeypatch.setattr(os, "listdir", lambda _: ["libcst"])
    assert fingerprint._version("libcst") == metadata.version("libcst")
    assert fingerprint._version("there_is_no_such") == ""


# -- random edits


@pytest.mark.parametrize("seed", range(4))
def test_any_edit_gives_what_a_first_run_gives(package: Path, runs: Runs, seed: int) -> None:
    chance = random.Random(seed)
    runs(package)
    for _ in range(6):
        before = {p: p.read_text() for p in package.rglob("*.py")}
        told = edit(package, chance)
        assert runs(package) == fresh(package), told
        if chance.random() < 0.3:
            for path, text in before.items():
                path.write_text(text)


def test_an_edit_of_an_application(tmp_path: Path, runs: Runs) -> None:
    root = tmp_path / "legacy_app"
    ignore = shutil.ignore_patterns("__pycache__", "migrations")
    shutil.copytree(ROOT / "legacy_app", root, ignore=ignore)
    runs(root)
    told = edit(root, random.Random(1))
    assert runs(root) == fresh(root), told


# -- files that can't be trusted


def entry_of(runs: Runs) -> Path:
    (found,) = runs.home.glob("*.entry")
    return found


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:40],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:1000] + bytes([data[1000] ^ 1]) + data[1001:],
        lambda data: data.replace(b"cache 3", b"cache 2", 1),
    ],
    ids=["empty", "head", "cut", "longer", "a bit", "version"],
)
def test_a_damaged_file_is_as_good_as_none(
    damage: Callable[[bytes], bytes], package: Path, runs: Runs
) -> None:
    first = runs(package)
    path = entry_of(runs)
    path.write_bytes(damage(path.read_bytes()))
    assert runs(package) == first
    assert runs.made == 2
    assert runs(package) == first
    assert runs.made == 2


class _Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("harm",)


@pytest.mark.parametrize("value", [_Harmful(), fresh, Path("a"), random.Random()])
def test_no_file_runs_code(
    value: object, package: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    first = runs(package)
    path = entry_of(runs)
    known = cache._load(path)
    assert known is not None
    payload = pickle.dumps(Entry(known.key, value, known.texts, b""))
    head = path.read_bytes()[: path.read_bytes().index(b"\n") + 1]
    path.write_bytes(head + hashlib.sha256(payload).hexdigest().encode() + payload)
    assert runs(package) == first
    assert runs.made == 2
    assert not (tmp_path / "harm").exists()


def test_a_folder_that_can_not_be_written_is_no_error(package: Path, runs: Runs) -> None:
    runs.home.write_text("a file")
    assert runs(package) == runs(package)
    assert runs.made == 2
    assert runs.home.read_text() == "a file"


# -- what is not kept


def test_a_file_that_changes_during_the_run(package: Path, runs: Runs) -> None:
    def make(texts: Texts | None) -> tuple[str, bool]:
        made = (package / "tools.py").read_text()
        (package / "tools.py").write_text(made + "\n")
        return made, True

    first = remembered(runs.home, package, (), (), make)
    assert remembered(runs.home, package, (), (), make) == first + "\n"


def test_a_fault_of_ours_is_tried_again(
    package: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migrator.codemod.rewriting import module

    def broken(*_: object) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(module, "add_imports", broken)
        assert [f.code for f in runs(package)[0].findings].count("MIG901") == 4
    assert runs(package) == fresh(package)
    assert runs.made == 2


def test_what_nobody_has_used_for_a_month_is_removed(package: Path, runs: Runs) -> None:
    runs(package)
    old, young, other = (runs.home / n for n in ("a.entry", "b.entry", "mine.txt"))
    for path in (old, young, other):
        path.write_text("")
    for path in (old, other):
        os.utime(path, (0, 0))
    (package / "tools.py").unlink()
    runs(package)
    assert [p.exists() for p in (old, young, other)] == [False, True, True]
    assert (runs.home / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172")
