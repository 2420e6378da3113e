"""Sessions, tokens, roles."""

import pytest

from legacy_app.models import ApiToken, AuditEntry, User


def login(client, email="sales@acme.example", password="secret", **more):
    return client.post("/api/auth/login", json={"email": email, "password": password, **more})


def test_login_opens_a_session(anonymous):
    response = login(anonymous)
    assert response.status_code == 200
    assert response.get_json()["user"]["roles"] == ["sales"]
    assert anonymous.get("/api/auth/me").get_json()["user"]["email"] == "sales@acme.example"


def test_login_ignores_case_and_spaces(anonymous):
    assert login(anonymous, email="  SALES@acme.example ").status_code == 200


def test_login_notes_the_time(anonymous, database):
    login(anonymous)
    assert database.get(User, 3).last_login_at is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("sales@acme.example", "wrong"),
        ("nobody.at.all@acme.example", "secret"),
        ("former@acme.example", "secret"),
        ("robot@acme.example", "secret"),
        ("sales@initech.example", "secret"),
    ],
)
def test_login_refused(anonymous, email, password):
    response = login(anonymous, email=email, password=password)
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers


def test_login_needs_both_fields(anonymous):
    response = anonymous.post("/api/auth/login", json={"email": ""})
    assert response.status_code == 422
    assert response.get_json()["error"]["details"]["fields"] == {
        "email": "must not be empty",
        "password": "required",
    }


def test_remember_me_sets_a_second_cookie(anonymous):
    response = login(anonymous, remember=True)
    cookies = response.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [
        "remember_token",
        "storefront_session",
    ]


def test_the_remembered_come_back_without_a_session(anonymous):
    login(anonymous, remember=True)
    anonymous.delete_cookie("storefront_session")
    assert anonymous.get("/api/auth/me").status_code == 200


def test_a_password_needs_a_fresh_login(anonymous):
    login(anonymous, remember=True)
    anonymous.delete_cookie("storefront_session")
    body = {"old_password": "secret", "new_password": "another one"}
    assert anonymous.post("/api/auth/password", json=body).status_code == 401


def test_logout(anonymous):
    login(anonymous)
    assert anonymous.post("/api/auth/logout").status_code == 204
    assert anonymous.get("/api/auth/me").status_code == 401


def test_unauthorized_says_how(anonymous):
    response = anonymous.get("/api/orders")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.get_json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("token", ["acme-expired", "acme-revoked", "initech-admin", "no-such", ""])
def test_tokens_refused(api, token):
    assert api(token).get("/api/auth/me").status_code == 401


@pytest.mark.parametrize("token", ["acme-eternal", "acme-robot", "globex-viewer"])
def test_tokens_accepted(api, token):
    assert api(token).get("/api/auth/me").status_code == 200


@pytest.mark.parametrize("header", ["acme-admin-token", "Basic acme-admin-token", "Bearer", ""])
def test_other_authorization_headers(anonymous, header):
    response = anonymous.get("/api/auth/me", headers={"Authorization": header})
    assert response.status_code == 401


def test_a_token_for_reading_cannot_write(api):
    client = api("acme-readonly")
    assert client.get("/api/orders").status_code == 200
    response = client.post("/api/orders", json={"customer_id": 1})
    assert response.status_code == 403
    assert response.get_json()["error"]["message"] == "This token may only read."


def test_roles_are_checked(viewer):
    response = viewer.post("/api/customers", json={"code": "X", "name": "X"})
    assert response.status_code == 403
    assert response.get_json()["error"]["details"] == {"needed": ["sales"]}


def test_change_password(anonymous, database):
    login(anonymous)
    body = {"old_password": "secret", "new_password": "another one"}
    assert anonymous.post("/api/auth/password", json=body).status_code == 204
    assert login(anonymous).status_code == 401
    assert login(anonymous, password="another one").status_code == 200
    assert database.query(AuditEntry).filter_by(action="change_password").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", "long enough", "old_password"), ("secret", "short", "new_password")],
)
def test_change_password_refused(anonymous, old, new, field):
    login(anonymous)
    response = anonymous.post("/api/auth/password", json={"old_password": old, "new_password": new})
    assert response.status_code == 422
    assert field in response.get_json()["error"]["details"]["fields"]


def test_rename(sales):
    response = sales.patch("/api/auth/me", json={"name": "Ünal"})
    assert response.get_json()["user"]["name"] == "Ünal"
    assert sales.get("/api/auth/me").get_json()["user"]["name"] == "Ünal"


def test_list_tokens(api):
    body = api("acme-robot").get("/api/auth/tokens").get_json()
    assert [token["name"] for token in body["tokens"]] == [
        "ERP",
        "reports",
        "old",
        "lost",
        "eternal",
    ]
    assert [token["expired"] for token in body["tokens"]] == [False, False, True, False, False]
    assert body["tokens"][4]["expires_on"] == "Fri, 31 Dec 9999 00:00:00 GMT"
    active = api("acme-robot").get("/api/auth/tokens?active=1").get_json()
    assert active["count"] == 4


def test_a_new_token_works_and_its_hash_is_kept(sales, anonymous, database):
    body = {"name": "script", "scope": "read", "expires_on": "2099-02-28"}
    response = sales.post("/api/auth/tokens", json=body)
    assert response.status_code == 201
    raw = response.get_json()["token"]
    assert database.query(ApiToken).filter_by(token_hash=ApiToken.hash(raw)).count() == 1
    header = {"Authorization": f"bearer {raw}"}
    assert anonymous.get("/api/auth/me", headers=header).status_code == 200


def test_a_second_token_of_the_same_name(sales):
    assert sales.post("/api/auth/tokens", json={"name": "default"}).status_code == 409


def test_revoke_a_token(sales):
    assert sales.delete("/api/auth/tokens/3").status_code == 204
    assert sales.get("/api/auth/me").status_code == 401


def test_a_token_of_somebody_else(sales):
    assert sales.delete("/api/auth/tokens/1").status_code == 404


def test_a_token_can_be_revoked_once(api):
    assert api("acme-robot").delete("/api/auth/tokens/9").status_code == 409


def test_a_superuser_visits_another_tenant(root, admin):
    theirs = root.get("/api/orders/statuses", headers={"X-Tenant": "globex"})
    assert theirs.headers["X-Tenant"] == "globex"
    assert theirs.get_json() != root.get("/api/orders/statuses").get_json()
    mine = admin.get("/api/orders/statuses", headers={"X-Tenant": "globex"})
    assert mine.headers["X-Tenant"] == "acme"
    assert root.get("/api/orders", headers={"X-Tenant": "nobody"}).status_code == 404
