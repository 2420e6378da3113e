"""Requirements files of every kind: what admits no release that the converted code runs on is told, where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.codemod import fingerprint
from migrator.codemod.convert import convert
from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of

POETRY = '[tool.poetry.dependencies]\npython = "{python}"\nsqlalchemy = {sqlalchemy}\n'
LOCK = '[[package]]\nname = "other"\nversion = "1"\nSQLAlchemy = ">=1.3"\n\n[[package]]\nname = "sqlalchemy"\nversion = "{0}"\n'


def told(folder: Path, files: dict[str, str]) -> list[Finding]:
    """What is said of a package beside the files; findings first."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    package = folder / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import sqlalchemy\n")
    (folder / ".git").mkdir()
    outcome = outcome_of(convert(package))
    return [f for f in (*outcome.findings, *outcome.notes) if f.code == "MIG126"]


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("requirements.txt", "# ours\nSQLAlchemy==1.4.54 \\\n  --hash=sha256:ab\n", 2, "sqlalchemy==1.4.54"),
        ("requirements.txt", "-r other.txt\nsqlalchemy[asyncio] >= 1.4, < 2  # for now\n", 2, "sqlalchemy<2,>=1.4"),
        ("requirements.txt", "flask==2.0.0rc1\n", 1, "flask==2.0.0rc1"),
        ("requirements/prod.in", "flask~=2.3\n", 1, "flask~=2.3"),
        ("dev_requirements.txt", "Jinja2<3", 1, "jinja2<3"),
        ("pyproject.toml", '[project]\nname = "a"\ndependencies = [\n  "SQLAlchemy==1.3.*",\n]\n', 4, "sqlalchemy==1.3.*"),
        ("pyproject.toml", '[project]\nname = "a"\nrequires-python = "<3.11"\n', 3, "python<3.11"),
        ("pyproject.toml", '[dependency-groups]\nweb = ["flask<3", {include-group = "x"}]\n', 2, "flask<3"),
        ("pyproject.toml", POETRY.format(python="^3.8", sqlalchemy='"^1.4"'), 3, "sqlalchemy<2,>=1.4"),
        ("pyproject.toml", POETRY.format(python="^3.8", sqlalchemy='{version = "~1.4.2"}'), 3, "sqlalchemy<1.5,>=1.4.2"),
        ("pyproject.toml", POETRY.format(python="~3.9", sqlalchemy='"*"'), 2, "python<3.10,>=3.9"),
        ("setup.cfg", "[options]\npython_requires = >=3.6\ninstall_requires =\n  flask\n  sqlalchemy<2\n", 5, "sqlalchemy<2"),
        ("setup.py", "needed = ['flask', 'SQLAlchemy>=1.3,<1.4']\nsetup(install_requires=needed)\n", 1, "sqlalchemy<1.4,>=1.3"),
        ("setup.py", "setup(\n    python_requires='>=3.6,<3.10',\n)\n", 2, "python<3.10,>=3.6"),
        ("Pipfile", '[packages]\nsqlalchemy = "==1.3.15"\n', 2, "sqlalchemy==1.3.15"),
        ("Pipfile.lock", json.dumps({"default": {"sqlalchemy": {"version": "==1.3"}}}, indent=1), 3, "sqlalchemy==1.3"),
        ("poetry.lock", LOCK.format("1.4.41"), 7, "sqlalchemy==1.4.41"),
        ("uv.lock", LOCK.format("1.4.41"), 7, "sqlalchemy==1.4.41"),
    ],
)  # fmt: skip
def test_earlier_releases_are_told(
    name: str, text: str, line: int, said: str, tmp_path: Path
) -> None:
    (found,) = told(tmp_path, {name: text})
    assert (found.path, found.severity) == (f"../../{name}", "error")
    assert f"asks for {said}. " in found.message
    assert found.line == line


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "SQLAlchemy>=1.4.21\nflask\ngit+https://example.org/x.git\njinja2 @ file:///x\n"},
        {"requirements.txt": "sqlalchemy==2.*\n"},
        {"requirements.txt": "sqlalchemy>=2.1.0b3\njinja2===whatever\nflask>=3.1.3.post1,!=3.2rc1\n"},
        {"requirements.txt": 'sqlalchemy==1.3 ; python_version < "3"\n'},
        {"requirements-docs.txt": "sqlalchemy==1.3\n"},
        {"pyproject.toml": POETRY.format(python=">=3.8", sqlalchemy='"^2.0.24"')},
        {"pyproject.toml": POETRY.format(python="^3.8 || ^3.10", sqlalchemy='"^1.4 || ^2"')},
        {"pyproject.toml": "project = 1\n"},
        {"pyproject.toml": '[project]\nrequires-python = 3.9\n'},
        {"pyproject.toml": '[project]\noptional-dependencies = ["sqlalchemy==1.4"]\n'},
        {"pyproject.toml": "[project\n", "setup.py": "setup(", "Pipfile.lock": "[]", "setup.cfg": "x"},
        # The application's, and one for the oldest releases that it is tried on.
        {"pyproject.toml": '[project]\ndependencies = ["sqlalchemy>=2.0.45"]\n', "requirements-oldest.txt": "sqlalchemy==1.4\n"},
        # The nearest folder decides, and nothing above the repository's own is read.
        {"src/requirements.txt": "flask\n", "requirements.txt": "sqlalchemy==1.4\n"},
        {"../requirements.txt": "sqlalchemy==1.4\n"},
    ],
)  # fmt: skip
def test_nothing_is_told_of_others(files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    assert told(tmp_path / "repository", files) == []


def test_a_smaller_step_is_a_note_and_a_file_is_told_of_once(tmp_path: Path) -> None:
    pinned = "flask==3.1.2\nsqlalchemy==1.4.54\nwerkzeug==2.2.3\nitsdangerous==2.1\n"
    found = told(tmp_path, {"requirements.txt": pinned, "requirements.in": "flask\nsqlalchemy\n"})
    assert [(f.severity, f.line) for f in found] == [("error", 2), ("info", 4)]
    assert "sqlalchemy==1.4.54, werkzeug==2.2.3. " in found[0].message
    assert "itsdangerous==2.1, flask==3.1.2. " in found[1].message


def test_a_second_run_sees_a_changed_file(tmp_path: Path) -> None:
    pinned = {"requirements.txt": "sqlalchemy==1.4\n", "setup.cfg": "[options]\n"}
    assert told(tmp_path, pinned)
    package = tmp_path / "src" / "shop"
    for change in ("sqlalchemy==2.0.45\n", ""):
        before = fingerprint.folder(package)
        (tmp_path / "requirements.txt").write_text(change)
        assert fingerprint.folder(package) != before
    before = fingerprint.folder(package)
    (tmp_path / "requirements.txt").unlink()
    assert fingerprint.folder(package) != before
