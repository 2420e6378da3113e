"""`migrator shadow run`: exit codes, formats, and one message for each wrong use."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from migrator.cli import progress, run
from tests.runtime.shadow import shop

APPS = """
from tests.runtime.shadow import shop

legacy = shop.make_legacy({url!r})
target = shop.make_target({url!r}, {plant!r})
sick = shop.make_target({url!r}, lifespan_fails=True)
lost = shop.make_legacy("sqlite:////nowhere/at/all.sqlite3")
number = 1
"""
CASES = str(Path(shop.__file__).with_name("shop.yaml"))


@pytest.fixture(params=[None])
def apps(
    request: pytest.FixtureRequest,
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """A folder with the module `shop_apps`; the parameter is what is planted in its target."""
    shop.seed(sqlite_url)
    (tmp_path / "shop_apps.py").write_text(APPS.format(url=sqlite_url, plant=request.param))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    module = sys.modules.pop("shop_apps", None)
    if module is not None:
        for app in (module.legacy, module.lost):
            with app.app_context():
                app.extensions["sqlalchemy"].engine.dispose()


def shadow(*more: str, target: str = "target", legacy: str = "legacy", cases: str = CASES) -> int:
    words = ["--legacy", f"shop_apps:{legacy}", "--target", f"shop_apps:{target}", "--cases", cases]
    return run(["shadow", "run", *words, *more])


def test_alike_is_exit_code_0(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shadow("--report", "out.html") == 0
    said = capsys.readouterr()
    assert "22 byte-identical" in said.out
    assert "report: out.html" in said.out
    assert said.err == ""
    assert "Both sides are alike" in (apps / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("apps", ["iso date"], indirect=True)
def test_differences_are_exit_code_1(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shadow() == 1
    said = capsys.readouterr().out
    assert "3 requests differ  json $.items[0].created_at value" in said
    assert "4 requests differ  json $.created_at value" in said
    assert "7 different" in said


@pytest.mark.parametrize("apps", ["iso date"], indirect=True)
def test_standard_output_is_one_json_object(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shadow("--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["version"] == 1
    assert report["totals"]["verdicts"]["different"] == 7
    (row,) = (row for row in report["endpoints"] if row["endpoint"] == "order")
    assert row["verdict"] == "different"
    assert row["legacy"]["statements"] == row["target"]["statements"] == 4
    broken = [case for case in report["cases"] if case["differences"]]
    assert broken[0]["legacy"]["body"] != broken[0]["target"]["body"]


def test_what_the_applications_print_is_no_part_of_the_report(
    apps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (apps / "shop_apps.py").open("a") as file:
        file.write("\nprint('made')\n")
    assert shadow("--format", "json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["passed"]
    assert "made" in said.err


@pytest.mark.parametrize("apps", ["another exception"], indirect=True)
def test_junit(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shadow("--format", "junit", "--junit", "out.xml") == 1
    printed = capsys.readouterr().out
    assert (apps / "out.xml").read_text() == printed
    suite = ElementTree.fromstring(printed)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("22", "2", "0")
    assert "exception" in str(suite.findall(".//failure")[0].text)


def test_requests_at_once(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shadow("--at-once", "8", "--report", "out.html") == 0
    said = capsys.readouterr()
    assert "at once, 8 at a time: 22 requests are answered as alone" in said.out
    assert "never two of them at once" in said.out
    assert said.err == ""
    assert shadow("--at-once", "8", "--tier", "a", "--only", "name free") == 1
    assert "no request could be compared, which is no proof" in capsys.readouterr().out
    assert shadow("--at-once", "1") == 2


def test_one_case_alone(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shadow("--only", "order life") == 0
    assert "5 requests" in capsys.readouterr().out  # the login and four steps
    assert shadow("--only", "log in as ada") == 0
    assert shadow("--only", "nobody") == 2


def test_an_endpoint_without_a_case(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (apps / "few.yaml").write_text("version: 1\ncases: [GET /orders]\n")
    assert shadow(cases="few.yaml") == 0
    assert "no case asks: change, crash, create" in capsys.readouterr().out
    assert shadow("--require-coverage", cases="few.yaml") == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ({"cases": "none.yaml"}, "MIG040", "can't be read"),
        ({"legacy": "nothing"}, "MIG030", "no attribute 'nothing'"),
        ({"target": "number"}, "MIG030", "neither a Flask application"),
        ({"target": "sick"}, "MIG030", "did not start"),
        ({"legacy": "lost"}, "MIG011", "/nowhere/at/all.sqlite3"),
    ],
)
def test_wrong_use_is_one_message(
    apps: Path, capsys: pytest.CaptureFixture[str], words: dict[str, str], code: str, said: str
) -> None:
    assert shadow(**words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert f"error[{code}]" in output.err
    assert said in output.err
    assert "Traceback" not in output.err
    assert len(output.err.splitlines()) == 3


_ONCE = """
import shop_apps

made = []

def create_app():
    if made:
        raise RuntimeError("Table 'sessions' is already defined.")
    made.append(shop_apps.legacy)
    return shop_apps.legacy
"""
_BEHIND_ONE = """
from once import create_app as create_legacy_app
from shop_apps import target as app

legacy = create_legacy_app()
"""


def test_a_legacy_application_that_can_be_made_once(
    apps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`asgi.py` makes it too: the message names that one, and with it the run goes on."""
    (apps / "once.py").write_text(_ONCE)
    (apps / "once_wsgi.py").write_text("from once import create_app\n\napp = create_app()\n")
    (apps / "once_asgi.py").write_text(_BEHIND_ONE)
    words = ["shadow", "run", "--target", "once_asgi:app", "--cases", CASES]
    try:
        assert run([*words, "--legacy", "once_wsgi:app"]) == 2
        said = capsys.readouterr().err.splitlines()
        assert "Table 'sessions' is already defined" in said[0]
        named = said[2].partition("--legacy ")[2]
        assert named == "once_asgi:legacy"
        del sys.modules["once"]  # another process
        assert run([*words, "--legacy", named]) == 0
    finally:
        for name in ("once", "once_wsgi", "once_asgi"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize("option", [("--clock", "noon"), ("--report", "/nowhere/x.html")])
def test_wrong_options(
    apps: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    assert shadow(*option) == 2
    assert option[1] in capsys.readouterr().err


def test_a_log_gets_a_line_now_and_then(
    apps: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_BETWEEN_LINES", 0.0)
    assert shadow("--at-once", "4", "--format", "json") == 0
    said = capsys.readouterr()
    json.loads(said.out)  # the report and nothing else
    lines = said.err.splitlines()
    assert any(line.startswith("comparing 7/22 after 0 s: ") for line in lines), lines
    assert any(": at once: order life" in line for line in lines), lines


@pytest.mark.parametrize(("presses", "report"), [(1, True), (2, False)])
def test_ctrl_c_gives_the_report_so_far(
    presses: int, report: bool, apps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (apps / "pressed.py").write_text(
        f"""
import os, signal
from shop_apps import legacy, target
asked = 0

@legacy.before_request
def press():
    global asked
    asked += 1
    if asked == 5:
        for _ in range({presses}):
            os.kill(os.getpid(), signal.SIGINT)
"""
    )
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    words = ["--legacy", "pressed:legacy", "--target", "pressed:target", "--cases", CASES]
    try:
        assert run(["shadow", "run", *words, "--format", "json", "--report", "out.html"]) == 130
    finally:
        del sys.modules["pressed"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    said = capsys.readouterr()
    assert "Stopping after this request." in said.err
    assert (apps / "out.html").exists() == bool(said.out) == report
    if report:
        found = json.loads(said.out)
        assert found["totals"]["requests"] == 5
        assert found["totals"]["unsent"] == 17
        assert not found["passed"]
        assert {case["verdict"] for case in found["cases"]} == {"byte-identical"}
        assert "Stopped: 17 requests were not sent, and nothing is known of them." in found["notes"]
        page = (apps / "out.html").read_text(encoding="utf-8")
        assert '<h1 class="bad">Stopped: 17 requests were not sent</h1>' in page
