"""A folder of case files counts as one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import CasesError
from migrator.runtime.shadow import load


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")
    (folder / "README.md").write_text("not a case")
    return folder


def test_the_files_of_a_folder_are_one(tmp_path: Path) -> None:
    cases = load(
        write(
            tmp_path,
            b="cases: [{request: GET /b, as: clerk}]\nvariables: {y: 2}\n",
            a="cases: [GET /a]\nvariables: {x: 1}\n",
            common="clock: 2020-01-01\nactors: {clerk: {headers: {X: y}}}\n",
        )
    )
    assert [flow.name for flow in cases.flows] == ["GET /a", "GET /b"]
    assert cases.variables == {"x": 1, "y": 2}
    assert cases.flows[1].actor == "clerk"
    assert cases.clock is not None
    assert cases.path == tmp_path


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("cases: [GET /a]", "cases: [GET /a]", "b.yaml:2: .*'GET /a' .*line 2 of a.yaml"),
        ("clock: 2020-01-01", "clock: 2020-01-02", "b.yaml:2: .*`clock:` is also said in a.yaml"),
        ("variables: {x: 1}", "variables: {x: 2}", "'x' under `variables:` .*a.yaml, line 2"),
        ("cases: [GET /a]", "cases: GET /b", "b.yaml:2: .*A list was expected"),
        ("cases: [GET /a]", "case: [GET /b]", "b.yaml:2: .*'case' is not known"),
    ],
)
def test_files_that_disagree(tmp_path: Path, first: str, second: str, said: str) -> None:
    with pytest.raises(CasesError, match=said):
        load(write(tmp_path, a=first, b=second))


def test_each_file_says_its_version(tmp_path: Path) -> None:
    write(tmp_path, a="cases: [GET /a]")
    (tmp_path / "b.yaml").write_text("cases: [GET /b]")
    with pytest.raises(CasesError, match=r"b.yaml:1: .*version"):
        load(tmp_path)


def test_a_folder_without_cases(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="holds no cases"):
        load(write(tmp_path))
