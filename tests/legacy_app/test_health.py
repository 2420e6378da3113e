"""Health, static files and the headers that every response carries."""

import pytest


def test_alive_without_login(anonymous):
    response = anonymous.get("/health")
    assert response.status_code == 200
    assert response.get_json() == {"status": "ok"}


def test_database_is_asked(anonymous):
    body = anonymous.get("/health/db").get_json()
    assert body["status"] == "ok"
    assert body["value"] == 1
    assert body["database"] in ("sqlite", "postgresql")


def test_configuration_shows_no_secret(anonymous):
    body = anonymous.get("/health/config").get_json()
    assert body["tax_rate"] == "0.20"
    assert "secret_key" not in body


def test_request_id_is_echoed(anonymous):
    response = anonymous.get("/health", headers={"X-Request-ID": "abc-1"})
    assert response.headers["X-Request-ID"] == "abc-1"


def test_request_id_without_a_load_balancer(anonymous):
    assert anonymous.get("/health").headers["X-Request-ID"] == "-"


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/api/nowhere", "/static/style.css"])
def test_every_response_forbids_sniffing(anonymous, path):
    with anonymous.get(path) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_head_and_options(anonymous):
    head = anonymous.head("/health")
    assert head.status_code == 200
    assert head.data == b""
    options = anonymous.options("/health")
    assert options.status_code == 200
    assert set(options.allow) == {"GET", "HEAD", "OPTIONS"}


def test_static_file(anonymous):
    with anonymous.get("/static/style.css") as response:
        assert response.mimetype == "text/css"
        assert b"font:" in response.data
