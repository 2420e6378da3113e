"""The reports of a conversion: text, JSON, SARIF, diff and the page say the same."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from migrator.codemod.convert import convert
from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of
from migrator.codemod.result import Change, Outcome, Totals
from migrator.report import codemod_diff, codemod_html, codemod_json, codemod_sarif, codemod_text
from migrator.report.codemod_rows import Row, side_by_side

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    root = tmp_path_factory.mktemp("made") / "shop"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "app.py").write_text(
        """\
from flask import Flask, render_template
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
app = Flask(__name__)
Migrate(app, db)


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@app.route("/<b>")
def page(b):
    "<script>alert('é')</script>"
    items = db.session.query(Item).union(Item.query).filter_by(id=b).all()
    return render_template("x.html", items=items)


@app.route("/all")
def every():
    return str(Item.query.count())


@app.route("/é/<shade:x>")
def left(x):
    return str(Item.query.filter_by(id=x).count())


@app.route("/pages/<b>")
def pages(b):
    return str(Item.query.paginate(**{b: 1}).items)
"""
    )
    return outcome_of(convert(root))


def text_of(outcome: Outcome, *, verbose: bool = False) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    codemod_text.print_report(outcome, console, verbose=verbose)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_sum_is_the_same_everywhere(outcome: Outcome) -> None:
    totals = codemod_json.as_dict(outcome)["totals"]
    assert totals["seen"] == totals["native"] + totals["bridged"] + totals["left"] > 2
    numbers = {name: str(count) for name, count in totals.items()}
    line = "query sites {seen:>6} = {native} native + {bridged} bridged + {left} left"
    assert line.format(**numbers) in text_of(outcome)
    assert codemod_sarif.as_dict(outcome)["runs"][0]["properties"] == totals
    assert f"<b>{totals['native']}</b> native" in codemod_html.render(outcome)


def test_the_terminal_groups_by_code_and_says_where_to_begin(outcome: Outcome) -> None:
    text = text_of(outcome)
    assert "MIG401 ×" in text
    assert "app.py:26:1 left" in text
    assert "do: take the value as a string" in text
    assert "files that need most work" in text
    assert text.rstrip().endswith("findings to do by hand.")
    assert re.search(r"endpoints +\d+ = \d+ native \+ \d+ bridged \+ \d+ legacy", text)
    assert "every" not in text
    assert "every" in text_of(outcome, verbose=True)


def test_json_has_the_names_that_stay(outcome: Outcome) -> None:
    made = json.loads(codemod_json.dumps(outcome))
    assert {"version", "totals", "endpoints", "findings"} <= set(made)
    assert set(made["totals"]) == {"seen", "native", "bridged", "left"}
    for endpoint in made["endpoints"]:
        assert set(endpoint) == {"endpoint", "rule", "methods", "level", "reason"}
        assert endpoint["level"] in {"legacy", "bridged", "native"}
        assert bool(endpoint["reason"]) == (endpoint["level"] != "native")
    for finding in made["findings"]:
        assert set(finding) == {"path", "line", "column", "code", "message", "symbol", "hint"}
        assert finding["column"] >= 1
    assert [site["chain"][0] for site in made["bridged"]] == ["pages"]
    assert [note["code"] for note in made["notes"]] == ["MIG410"]


def test_sarif_has_the_structure_of_2_1_0(outcome: Outcome) -> None:
    made = json.loads(codemod_sarif.dumps(outcome))
    assert made["version"] == "2.1.0"
    assert made["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = made["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    bases = set(run["originalUriBaseIds"])
    assert len(run["results"]) == len(outcome.findings) + len(outcome.bridged) + len(outcome.notes)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uriBaseId"] in bases
        assert re.fullmatch(r"[!-~]+", physical["artifactLocation"]["uri"])
        assert physical["region"]["startLine"] >= 1
        assert physical["region"]["startColumn"] >= 1


class Page(HTMLParser):
    """Collects tags and checks that they are closed in order."""

    VOID = frozenset({"meta", "input", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else_and_shows_code_as_text(outcome: Outcome) -> None:
    text = codemod_html.render(outcome)
    page = Page()
    page.feed(text)
    assert page.open == []
    assert not [a for _, a in page.seen if "src" in a or (a.get("href") or "#")[0] != "#"]
    assert "url(" not in text
    assert "@import" not in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    for endpoint in outcome.endpoints:
        assert endpoint.endpoint.endpoint in text
    assert "before</th>" in text


def test_a_page_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("A = 1\n")
    outcome = outcome_of(convert(tmp_path))
    page = Page()
    page.feed(codemod_html.render(outcome))
    assert page.open == []
    assert "Nothing is left to do by hand." in text_of(outcome)
    assert codemod_sarif.as_dict(outcome)["runs"][0]["results"] == []


# -- the diff


def test_a_diff_in_colour_is_the_same_diff() -> None:
    change = Change("a.py", "a\nb", "a\nc\n")
    plain = codemod_diff.unified([change])
    assert plain == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
    )
    coloured = codemod_diff.unified([change], colour=True)
    assert "\x1b[31m-b" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_a_new_file_comes_from_nowhere() -> None:
    assert codemod_diff.unified([Change("a.py", "", "a\n")]).startswith("--- /dev/null\n")


# -- side by side


def kinds(before: str, after: str) -> list[str]:
    return [row.kind for row in side_by_side(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb", "a\nc", ["same", "changed"]),
        ("a\nb", "a", ["same", "removed"]),
        ("a", "a\nb", ["same", "added"]),
        ("\n".join("abcdefghi"), "\n".join("abcdefghx"), ["fold", *["same"] * 3, "changed"]),
        ("\n".join("xbcdefghi"), "\n".join("abcdefghi"), ["changed", *["same"] * 3, "fold"]),
        ("\n".join("abcdex"), "\n".join("abcdey"), ["fold", *["same"] * 3, "changed"]),
        ("\n".join("abcdx"), "\n".join("abcdy"), [*["same"] * 4, "changed"]),
    ],
)
def test_rows(before: str, after: str, expected: list[str]) -> None:
    assert kinds(before, after) == expected


def test_rows_give_both_texts_back() -> None:
    before, after = "a <b>\nsame\nx = f(1)\n", "a <b>\nx = await f(1)\nnew\n"
    rows = side_by_side(before, after)

    def side(number: str, text: str) -> str:
        lines = [(getattr(r, number), getattr(r, text)) for r in rows]
        return "\n".join(
            re.sub("</?mark>", "", t).replace("&lt;b&gt;", "<b>") for n, t in lines if n
        )

    assert side("left_number", "left") == before
    assert side("right_number", "right") == after


def test_changed_words_are_marked() -> None:
    (row,) = side_by_side("x = f(1)", "x = await f(1)")
    assert row == Row("changed", 1, row.left, 1, row.right)
    assert str(row.right) == "x =<mark> await</mark> f(1)"


def test_lines_that_have_little_in_common_are_not_marked() -> None:
    (row,) = side_by_side("a = one(two)", "while three: four = five")
    assert "<mark>" not in row.left + row.right
    (row,) = side_by_side("x = 1 " * 70, "x = 2 " * 60)
    assert "<mark>" not in row.left + row.right


def finding(code: str, line: int = 1) -> Finding:
    return Finding("a.py", line, 1, code, "it is so")


def made_of(*findings: Finding) -> Outcome:
    return Outcome("shop", "", "", Totals(0, 0, 0, 0), (), findings, (), (), ())


def test_ten_of_a_code_are_shown_and_what_more_there_is_is_said() -> None:
    assert "more" not in text_of(made_of(*(finding("MIG401", n) for n in range(10))))
    eleven = made_of(*(finding("MIG401", n) for n in range(11)))
    assert "… and 1 more (--verbose shows all)" in text_of(eleven)
    assert "… and" not in text_of(eleven, verbose=True)


def test_the_code_with_the_most_findings_comes_first() -> None:
    outcome = made_of(finding("MIG401"), finding("MIG408"), finding("MIG408", 2))
    page = codemod_html.render(outcome)
    assert page.index("<b>MIG408</b>") < page.index("<b>MIG401</b>")
    text = text_of(outcome)
    assert text.index("MIG408 ×2") < text.index("MIG401 ×1")


def test_a_fault_of_ours_is_an_error_in_sarif_and_a_finding_a_warning() -> None:
    (run,) = codemod_sarif.as_dict(made_of(finding("MIG900"), finding("MIG401")))["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]


def test_a_long_file_is_folded_in_time() -> None:
    lines = [f"line {n % 50}" for n in range(30_000)]
    changed = [*lines[:15_000], "new", *lines[15_000:]]
    rows = side_by_side("\n".join(lines), "\n".join(changed))
    assert [r.kind for r in rows].count("added") == 1
    assert len(rows) < 20
