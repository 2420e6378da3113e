"""What docs/shadow.md shows is what the loader takes and the package offers."""

from __future__ import annotations

import os
import re
from pathlib import Path

from flask import Flask

from migrator.runtime.shadow import Verdict, load, run_cases
from migrator.runtime.shadow.rules import ACCEPTS, CHANNELS

PAGE = (Path(__file__).parents[3] / "docs" / "shadow.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_is_read(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    cases = load(file)
    assert [flow.name for flow in cases.flows][:2] == ["GET /health", "orders by page [page=1]"]
    assert cases.requests == 11
    assert set(cases.actors) == {"clerk", "robot"}
    assert [rule.name for rule in cases.rules] == ["slash-redirects", "static-etags"]


def test_a_static_file_of_a_copied_package_is_alike_by_its_rule(tmp_path: Path) -> None:
    for folder in ("shop", "shop_async"):
        (tmp_path / folder / "static").mkdir(parents=True)
        file = tmp_path / folder / "static" / "site.css"
        file.write_text("p {}")
        os.utime(file, (1_700_000_000, 1_700_000_000))
    (text,) = blocks("yaml")
    (rule,) = re.findall(r"^  - name: static-etags.*?(?=^  - |\Z)", text, re.MULTILINE | re.DOTALL)
    cases = tmp_path / "cases.yaml"
    cases.write_text(f"version: 1\ncases: [GET /static/site.css]\nrules:\n{rule}")
    legacy, target = (Flask(n, root_path=str(tmp_path / n)) for n in ("shop", "shop_async"))
    (case,) = run_cases(legacy, target, load(cases)).cases
    assert [(d.channel, d.path) for d in case.comparison.excused] == [("header", "etag")]
    assert case.verdict is Verdict.BY_RULE


def test_the_code_runs() -> None:
    for block in blocks("python"):
        exec(compile(block, "docs/shadow.md", "exec"), {})


def test_every_word_of_a_rule_is_explained() -> None:
    for word in (*ACCEPTS, *CHANNELS):
        assert f"`{word}`" in PAGE, word
