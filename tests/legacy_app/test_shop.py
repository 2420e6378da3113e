"""The storefront: browse, cart, checkout."""

import pytest

from legacy_app.models import Order


def test_home(anonymous):
    page = anonymous.get("/s/acme/").text
    assert "Willkommen, bienvenue" in page
    assert page.count("/s/acme/p/") == 8
    # An empty motto is a choice, so there is no default one.
    assert "We have it." not in page
    assert "Électricité" in page


@pytest.mark.parametrize("slug", ["initech", "no-such"])
def test_closed_shops(anonymous, slug):
    response = anonymous.get(f"/s/{slug}/")
    assert response.status_code == 404
    assert "This shop is closed." in response.text


def test_the_slash_at_the_end(anonymous):
    response = anonymous.get("/s/acme")
    assert response.status_code == 308
    assert response.location.endswith("/s/acme/")


def test_tenant_header(anonymous):
    assert anonymous.get("/s/globex/").headers["X-Tenant"] == "globex"


def test_category_with_everything_below(anonymous):
    page = anonymous.get("/s/acme/c/tools").text
    assert "Hand tools" in page
    assert page.count("/s/acme/p/") == 12
    deeper = anonymous.get("/s/acme/c/hammers").text
    assert 'href="/s/acme/c/hand-tools"' in deeper


def test_pages_of_a_category(anonymous):
    assert anonymous.get("/s/acme/c/tools?page=2").status_code == 200
    assert anonymous.get("/s/acme/c/tools?page=99").status_code == 404
    assert anonymous.get("/s/acme/c/empty").status_code == 200
    assert anonymous.get("/s/acme/c/no-such").status_code == 404


def test_product(anonymous):
    page = anonymous.get("/s/acme/p/P-00006?quantity=10").text
    assert "37.9050 each, 379.05 EUR" in page
    assert "from 1000" in page


def test_names_are_escaped(anonymous):
    page = anonymous.get("/s/acme/p/P-00007").text
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<b>Bold</b>" not in page


@pytest.mark.parametrize("sku", ["P-00029", "P-00037", "no-such"])
def test_products_that_are_not_on_sale(anonymous, sku):
    assert anonymous.get(f"/s/acme/p/{sku}").status_code == 404


@pytest.mark.parametrize(("term", "found"), [("hammer", 20), ("%", 20), ("zzz", 0), ("", None)])
def test_search(anonymous, term, found):
    page = anonymous.get("/s/acme/search", query_string={"q": term}).text
    if found is None:
        assert "found for" not in page
    else:
        assert f"{found} found for" in page


def test_cart(anonymous):
    client = anonymous
    assert "The cart is empty." in client.get("/s/acme/cart").text
    assert client.post("/s/acme/cart/6", data={"quantity": 10}).location == "/s/acme/cart"
    assert client.post("/s/acme/cart/8").status_code == 302
    page = client.get("/s/acme/cart").text
    assert "Cart (11)" in page
    assert "379.05 EUR" in page
    client.post("/s/acme/cart/6", data={"quantity": 0})
    assert "Cart (1)" in client.get("/s/acme/cart").text


def test_each_shop_has_a_cart_of_its_own(anonymous):
    anonymous.post("/s/acme/cart/6")
    assert "Cart (0)" in anonymous.get("/s/globex/").text


def test_what_is_not_on_sale_stays_out_of_the_cart(anonymous):
    assert anonymous.post("/s/acme/cart/29").status_code == 404
    assert anonymous.post("/s/acme/cart/401").status_code == 404


def test_checkout(browse, database):
    client = browse("sales@acme.example")
    client.post("/s/acme/cart/8", data={"quantity": 2})
    assert "C0001" in client.get("/s/acme/cart").text
    response = client.post("/s/acme/checkout", data={"customer": 8})
    order = database.query(Order).order_by(Order.id.desc()).first()
    assert response.location == f"/backoffice/orders/{order.id}"
    assert order.status == "submitted"
    assert "Order SO-000421 is placed" in client.get(response.location).text
    assert "Cart (0)" in client.get("/s/acme/").text


def test_checkout_refused(browse, database):
    client = browse("sales@acme.example")
    assert client.post("/s/acme/checkout", data={"customer": 8}).location == "/s/acme/cart"
    assert "The cart is empty." in client.get("/s/acme/cart").text
    client.post("/s/acme/cart/8", data={"quantity": 100_000})
    client.post("/s/acme/checkout", data={"customer": 8})
    assert "are available." in client.get("/s/acme/cart").text
    # The order stays behind as a draft.
    order = database.query(Order).order_by(Order.id.desc()).first()
    assert order.status == "draft"


def test_checkout_needs_a_seller_of_this_shop(anonymous, browse):
    assert anonymous.post("/s/acme/checkout").location.startswith("/login")
    assert browse("viewer@acme.example").post("/s/acme/checkout").status_code == 403
    assert browse("sales@globex.example").post("/s/acme/checkout").status_code == 403
