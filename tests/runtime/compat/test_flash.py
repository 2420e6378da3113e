"""Flashed messages."""

from __future__ import annotations

from typing import Any


def build(f: Any, app: Any) -> None:
    def add() -> Any:
        f.flash("plain")
        f.flash("bad <b>", "error")
        f.flash("fine", category="info")
        return f.redirect(f.url_for("show"))

    def show() -> Any:
        return f.jsonify(
            plain=f.get_flashed_messages(),
            categories=f.get_flashed_messages(with_categories=True),
            errors=f.get_flashed_messages(category_filter=["error"]),
            both=f.get_flashed_messages(True, ["error", "info"]),
        )

    template = (
        "{% with messages = get_flashed_messages(with_categories=true) %}"
        "{% for category, message in messages %}{{ category }}:{{ message }};{% endfor %}"
        "{% endwith %}"
    )
    app.get("/add", endpoint="add")(add)
    app.get("/show", endpoint="show")(show)
    app.get("/page", endpoint="page")(lambda: f.render_template_string(template))
    app.get("/other", endpoint="other")(lambda: "other")


def test_messages_are_shown_once(both: Any) -> None:
    pair = both(build)
    for path in ("/show", "/add", "/other", "/show", "/show", "/add", "/add", "/page", "/page"):
        pair.get(path)


def test_a_message_of_one_side_is_consumed_by_the_other(both: Any) -> None:
    pair = both(build)
    pair.get("/add")
    pair.swap_cookies()
    shown = pair.get("/show")
    assert shown.json is not None
    assert shown.json["errors"] == ["bad <b>"]
    pair.swap_cookies()
    again = pair.get("/show")
    assert again.json is not None
    assert again.json["plain"] == []


def test_messages_follow_redirects(both: Any) -> None:
    both(build).get("/add", follow_redirects=True)
