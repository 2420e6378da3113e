"""Users, tenants, settings, jobs."""

import pytest

from legacy_app.models import ApiToken, Invoice, JobRun, Notification, Tenant, User


def test_nested_blueprints_share_a_hook(admin):
    response = admin.get("/api/admin/users")
    assert response.headers["X-Area"] == "admin"
    assert "X-Area" not in admin.get("/api/orders").headers


def test_list_users(admin):
    body = admin.get("/api/admin/users").get_json()
    assert body["total"] == 10
    emails = [item["email"] for item in body["items"]]
    assert emails == sorted(emails)
    assert admin.get("/api/admin/users?role=sales").get_json()["total"] == 4
    assert admin.get("/api/admin/users?q=Doppel").get_json()["total"] == 1


def test_only_administrators(sales):
    for path in ("users", "settings", "jobs", "users/roles"):
        assert sales.get(f"/api/admin/{path}").status_code == 403


def test_create_user(admin, anonymous):
    body = {"email": "New@Acme.example", "name": "Neu", "roles": ["sales"], "password": "secret"}
    response = admin.post("/api/admin/users", json=body)
    assert response.status_code == 201
    assert response.get_json()["email"] == "new@acme.example"
    assert response.headers["Location"].startswith("/api/admin/users/")
    login = {"email": "new@acme.example", "password": "secret"}
    assert anonymous.post("/api/auth/login", json=login).status_code == 200
    assert admin.post("/api/admin/users", json=body).status_code == 409


def test_unknown_roles(admin, database):
    body = {"email": "x@acme.example", "name": "x", "roles": ["sales", "king", "ace"]}
    response = admin.post("/api/admin/users", json=body)
    assert response.status_code == 422
    assert response.get_json()["error"]["details"]["fields"] == {"roles": "unknown: ace, king"}
    assert database.query(User).filter_by(email="x@acme.example").count() == 0


def test_get_user(admin):
    body = admin.get("/api/admin/users/6").get_json()
    assert body["roles"] == ["sales", "warehouse"]
    assert body["last_login_at"] is None
    assert admin.get("/api/admin/users/10").status_code == 404


def test_set_roles(admin, api):
    response = admin.put("/api/admin/users/4/roles", json={"roles": ["viewer", "accounts"]})
    assert response.get_json()["roles"] == ["accounts", "viewer"]
    assert api("acme-viewer").get("/api/invoices/to-do").status_code == 200
    assert admin.put("/api/admin/users/4/roles", json={"roles": []}).get_json()["roles"] == []


def test_deactivate_revokes_the_tokens(admin, api, database):
    response = admin.post("/api/admin/users/9/deactivate")
    assert response.get_json()["revoked"] == 4
    assert api("acme-robot").get("/api/auth/me").status_code == 401
    assert database.query(ApiToken).filter_by(user_id=9, revoked_at=None).count() == 0
    assert admin.post("/api/admin/users/2/deactivate").status_code == 409


def test_delete_tokens(admin, database):
    assert admin.delete("/api/admin/users/9/tokens").get_json() == {"deleted": 5}
    assert database.query(ApiToken).filter_by(user_id=9).count() == 0


def test_roles(admin):
    rows = {row["name"]: row for row in admin.get("/api/admin/users/roles").get_json()}
    assert rows["sales"]["users"] == 4
    assert rows["viewer"]["description"] is None


def test_tenants_are_for_operators(admin, root):
    assert admin.get("/api/admin/tenants").status_code == 403
    rows = root.get("/api/admin/tenants").get_json()
    assert [(row["slug"], row["orders"]) for row in rows] == [
        ("acme", 420),
        ("globex", 120),
        ("initech", 3),
    ]


def test_one_tenant(root):
    body = root.get("/api/admin/tenants/initech").get_json()
    assert body["is_active"] is False
    assert body["settings"]["shop.motto"] == ""
    assert body["settings"]["shop.phone"] is None
    assert root.get("/api/admin/tenants/no-such").status_code == 404


def test_create_tenant(root, database):
    body = {"slug": "umbrella", "name": "Umbrella"}
    assert root.post("/api/admin/tenants", json=body).status_code == 201
    assert root.post("/api/admin/tenants", json=body).status_code == 409
    tenant = database.query(Tenant).filter_by(slug="umbrella").one()
    assert [setting.key for setting in tenant.settings] == ["invoice.prefix"]


def test_settings(admin):
    settings = admin.get("/api/admin/settings").get_json()
    assert settings["shop.phone"] is None
    assert admin.get("/api/admin/settings/shop.motto").get_json()["value"] == ""
    assert admin.get("/api/admin/settings/no-such").status_code == 404


@pytest.mark.parametrize("value", ["+49 221 1234", "", None])
def test_set_and_delete_a_setting(admin, value):
    for key in ("shop.phone", "brand.new"):
        response = admin.put(f"/api/admin/settings/{key}", json={"value": value})
        assert response.get_json() == {"key": key, "value": value}
        assert admin.get(f"/api/admin/settings/{key}").get_json()["value"] == value
    assert admin.delete("/api/admin/settings/brand.new").status_code == 204
    assert admin.delete("/api/admin/settings/brand.new").status_code == 404


def test_list_jobs(admin):
    rows = admin.get("/api/admin/jobs").get_json()
    assert [row["status"] for row in rows] == ["failed", "done", "queued", "queued"]
    assert len(admin.get("/api/admin/jobs?status=queued").get_json()) == 2


def test_enqueue(admin):
    response = admin.post("/api/admin/jobs", json={"name": "recount_stock"})
    assert response.status_code == 202
    assert response.get_json()["payload"] is None
    unknown = admin.post("/api/admin/jobs", json={"name": "no-such"})
    assert unknown.status_code == 422


def test_work(admin, database):
    due = database.query(Invoice).filter(Invoice.tenant_id == 1, Invoice.is_overdue)
    waiting = due.filter(Invoice.reminders < 3).count()
    database.rollback()
    rows = admin.post("/api/admin/jobs/work").get_json()
    assert [(row["name"], row["status"]) for row in rows] == [
        ("send_reminders", "done"),
        ("recount_stock", "done"),
    ]
    assert rows[0]["result"] == {"sent": waiting}
    assert database.query(Notification).filter_by(tenant_id=1).count() == 6 + waiting
    assert database.query(JobRun).filter_by(tenant_id=2, status="queued").count() == 2
    listed = admin.get("/api/admin/jobs/notifications?per_page=3").get_json()
    assert listed["items"][0]["subject"].startswith("Reminder")
    assert admin.post("/api/admin/jobs/work").get_json() == []
