"""A call on a receiver of unknown type is one of ours by its name alone: a guess."""

from __future__ import annotations

from tests.colour.conftest import Analyse, modes

BOX = """
class Box:
    def get(self, name):
        return User.query.filter_by(name=name).first()


"""


def test_a_call_that_the_method_could_not_take_is_none_of_it(analyse: Analyse) -> None:
    made = analyse(BOX + "def use(environ):\n    return environ.get('SCHEME', '')\n")
    assert modes(made)["use"] == "plain"


def test_a_call_that_it_could_take_finds_out_at_run_time(analyse: Analyse) -> None:
    made = analyse(BOX + "def use(box):\n    return box.get('a')\n")
    assert "async def use(box):\n    return await call(box.get, 'a')\n" in made.texts["app.py"]


def test_what_python_calls_itself_stays_plain_over_a_guess(analyse: Analyse) -> None:
    middleware = (
        "class Middleware:\n    def __init__(self, app):\n        self.app = app\n\n"
        "    def __call__(self, environ, start_response):\n"
        "        environ.get('SCHEME')\n        return self.app(environ, start_response)\n"
    )
    text = analyse(BOX + middleware).texts["app.py"]
    assert "    def __call__(self, environ, start_response):\n" in text
    assert "        call_sync(environ.get, 'SCHEME')\n" in text
