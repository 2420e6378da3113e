"""The audit log."""

import json

import pytest


def test_only_administrators(anonymous, viewer, admin):
    assert anonymous.get("/api/audit").status_code == 401
    assert viewer.get("/api/audit").status_code == 403
    assert admin.get("/api/audit").status_code == 200


def test_never_cached(admin):
    assert admin.get("/api/audit").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=create", True),
        ("user=sales@acme.example", True),
        ("user=admin@globex.example", False),
    ],
)
def test_filters(admin, query, found):
    assert bool(admin.get("/api/audit?" + query).get_json()["total"]) is found


def test_one_entry(admin):
    body = admin.get("/api/audit/3").get_json()
    assert body["payload"] == {"list": [1, None], "név": "Ő"}
    assert admin.get("/api/audit/999999").status_code == 404


def test_actions(admin):
    rows = admin.get("/api/audit/actions").get_json()
    assert sum(row["count"] for row in rows) == 420
    assert [row["action"] for row in rows] == sorted(row["action"] for row in rows)


def test_export_is_one_object_a_line(admin):
    response = admin.get("/api/audit/export")
    assert response.mimetype == "application/x-ndjson"
    rows = [json.loads(line) for line in response.get_data(as_text=True).splitlines()]
    assert len(rows) == 420
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


def test_the_request_id_is_kept(sales, admin):
    sales.delete("/api/customers/66", headers={"X-Request-ID": "req-77"})
    entry = admin.get("/api/audit?action=delete").get_json()["items"][0]
    assert entry["request_id"] == "req-77"
    assert entry["user"]["name"] == "Sales of Acme"
