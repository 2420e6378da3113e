"""The entrance: start page, login form, account."""

import pytest

from legacy_app.models import Order


def test_start_page_lists_the_open_shops(anonymous):
    page = anonymous.get("/").get_data(as_text=True)
    assert "ACME Industrial Supplies" in page
    assert "Initech" not in page
    assert "Log in" in page


def test_login_form(anonymous):
    assert b"Remember me" in anonymous.get("/login").data


def test_login_flashes_and_redirects(anonymous):
    form = {"email": "admin@acme.example", "password": "secret"}
    response = anonymous.post("/login", data=form)
    assert response.status_code == 302
    assert response.location == "/"
    page = anonymous.get("/").get_data(as_text=True)
    assert "Welcome back, Admin of Acme." in page
    assert "Backoffice of ACME Industrial Supplies" in page
    assert "Welcome back" not in anonymous.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/backoffice/orders", "/backoffice/orders"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("", "/"),
    ],
)
def test_where_a_login_leads(anonymous, target, location):
    form = {"email": "admin@acme.example", "password": "secret"}
    response = anonymous.post("/login", query_string={"next": target}, data=form)
    assert response.location == location


def test_wrong_password_shows_the_form_again(anonymous):
    response = anonymous.post("/login", data={"email": "a@<b>", "password": "x"})
    assert response.status_code == 200
    page = response.get_data(as_text=True)
    assert "Email or password is wrong." in page
    assert 'value="a@&lt;b&gt;"' in page


def test_who_is_logged_in_needs_no_form(browse):
    assert browse("admin@acme.example").get("/login").location == "/"


def test_remembered_sessions_are_renewed(browse):
    client = browse("admin@acme.example", remember="1")
    cookies = client.get("/").headers.getlist("Set-Cookie")
    assert any("Expires=" in cookie for cookie in cookies)


def test_logout(browse):
    client = browse("admin@acme.example")
    assert client.get("/logout").status_code == 302
    page = client.get("/").get_data(as_text=True)
    assert "You are logged out." in page
    assert client.get("/account").status_code == 302


def test_pages_ask_for_a_login(anonymous):
    response = anonymous.get("/backoffice/orders?x=1")
    assert response.status_code == 302
    assert response.location == "/login?next=/backoffice/orders"
    assert "Please log in first." in anonymous.get("/login").get_data(as_text=True)


def test_account(browse):
    page = browse("sales@acme.example").get("/account").get_data(as_text=True)
    assert "SO-" in page
    assert "EUR" in page
    assert "<li>default</li>" in page


def test_account_without_a_name(browse):
    assert "nobody@acme.example" in browse("nobody@acme.example").get("/account").text


def test_rename_by_form(browse):
    client = browse("sales@acme.example")
    assert client.post("/account", data={"name": "Olé"}).status_code == 302
    assert "Saved." in client.get("/account").text
    refused = client.post("/account", data={"name": " "})
    assert "The name must not be empty." in refused.text


def test_delete_my_drafts(browse, database):
    client = browse("sales@acme.example")
    mine = database.query(Order).filter_by(created_by_id=3, status="draft").count()
    database.rollback()
    assert mine
    client.post("/account/delete-drafts")
    assert f"{mine} drafts deleted." in client.get("/account").text
    assert database.query(Order).filter_by(created_by_id=3, status="draft").count() == 0
    client.post("/account/delete-drafts")
    assert "0 drafts deleted." in client.get("/account").text
