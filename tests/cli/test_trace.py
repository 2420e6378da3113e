"""`migrator trace`: recording any command, showing and adding up, and one message a mistake."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from migrator.cli import run
from migrator.runtime.trace import tracefile

CODE = """
from sqlalchemy import Column, ForeignKey, Integer, create_engine
from sqlalchemy.orm import Session, declarative_base, relationship

Base = declarative_base()


class Node(Base):
    __tablename__ = "node"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("node.id"))
    children = relationship("Node")


engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Node(children=[Node(), Node()]))
    session.commit()
    session.expunge_all()
    assert [len(n.children) for n in session.query(Node)] == [2, 0, 0]
raise SystemExit(7)
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that loads `Node.children` three times and ends with 7, in the current folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "job.py"
    file.write_text(CODE)
    return file


def test_any_command_is_recorded_and_keeps_its_exit_code(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trace", "run", "--", sys.executable, script.name]) == 7
    assert "Recorded 1 queries with lazy loads: migrator-trace.json" in capsys.readouterr().err
    assert run(["trace", "show"]) == 0
    said = capsys.readouterr().out
    assert "Node.children (one-to-many)" in said
    assert "3 lazy loads at 1 places; 3 of them are N+1." in said
    assert run(["trace", "show", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["queries"][0]["entity"] == "__main__:Node"


def test_traces_add_up(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--", sys.executable, script.name]
    run(["trace", "run", "--out", "a.json", *command])
    run(["trace", "run", "--out", "b.json", *command])
    run(["trace", "run", "--out", "b.json", "--append", *command])
    assert run(["trace", "merge", "a.json", "b.json", "--out", "all.json"]) == 0
    [query] = tracefile.read(script.with_name("all.json"))["queries"]
    assert (query["runs"], query["lazy"][0]["loads"], query["lazy"][0]["most"]) == (3, 9, 3)


def test_a_sitecustomize_of_the_environment_still_runs(
    script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import os; os.environ['OWN'] = 'ran'")
    monkeypatch.setenv("PYTHONPATH", str(own))
    script.write_text("import os, sys; sys.exit(os.environ.get('OWN') != 'ran')")
    assert run(["trace", "run", "--", sys.executable, script.name]) == 0


def test_the_codemod_finds_the_trace_that_the_settings_name(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["trace", "run", "--", sys.executable, script.name])
    settings = script.with_name("pyproject.toml")
    settings.write_text('[tool.migrator]\ntrace = "migrator-trace.json"\n')
    capsys.readouterr()
    assert run(["codemod", ".", "--format", "json"]) == 1  # the module queries when it is imported
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert [(n["code"], n["path"]) for n in notes if n["code"] == "MIG602"] == [
        ("MIG602", "job.py")
    ]
    settings.write_text('[tool.migrator]\ntrace = "elsewhere.json"\n')
    assert run(["codemod", "."]) == 2
    assert "error[MIG043]: There is no trace" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--", "no-such-command"], "error[MIG001]: 'no-such-command' can't be run."),
        (["run", "--", sys.executable, "-S", "-c", "1"], "exit code 0 and recorded nothing"),
        (["run", "--out", "no/where.json", "--", "x"], "The trace can't be written"),
        (["run", "--append", "--out", "job.py", "--", "x"], "error[MIG043]: 'job.py' is no trace."),
        (["run", "--root", "nowhere", "--", "x"], "'nowhere' does not exist"),
        (["show", "nothing.json"], "error[MIG043]: There is no trace 'nothing.json'."),
        (["show", "job.py"], "error[MIG043]: 'job.py' is no trace."),
        (["show", "newer.json"], "error[MIG043]: 'newer.json' is a trace of version 99."),
        (["show", "odd.json"], "error[MIG043]: 'odd.json' is no trace."),
        (["merge", "job.py", "--out", "x.json"], "error[MIG043]: 'job.py' is no trace."),
    ],
)
def test_a_mistake_is_one_message(
    words: list[str], said: str, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.with_name("newer.json").write_text('{"version": 99}')
    script.with_name("odd.json").write_text('{"version": 1, "files": {}, "queries": [3]}')
    assert run(["trace", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
