"""The catalogue, which goes through repositories."""

import pytest

from legacy_app.models import Product, Tag


def test_list_products(viewer):
    body = viewer.get("/api/catalogue/products").get_json()
    assert body["total"] == 390
    assert body["pages"] == 20
    assert [item["id"] for item in body["items"]] == list(range(1, 21))
    assert body["items"][3] == {
        "id": 4,
        "sku": "P-00004",
        "name": "O'Ring & Co Ultra",
        "price": "149.50",
        "is_active": True,
        "category": {"id": 16, "slug": "electrical", "path": "Électricité"},
        "tags": ["Größe XL", "bulk", "eco"],
        "version": 1,
    }


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("q=hammer", 23),
        ("q=P-0001", 10),
        ("q=%25", 390),
        ("tag=eco", None),
        ("tag=no-such", 0),
        ("category=hand-tools", None),
        ("category=empty", 0),
        ("min_price=9999", None),
        ("max_price=0", None),
        ("min_price=10&max_price=5", 0),
        ("in_stock=1", None),
        ("category=tools&tag=new&in_stock=true&sort=-price", None),
    ],
)
def test_filters(viewer, query, total):
    body = viewer.get("/api/catalogue/products?per_page=100&" + query).get_json()
    if total is None:
        assert 0 < body["total"] < 390
    else:
        assert body["total"] == total
    ids = [item["id"] for item in body["items"]]
    assert len(ids) == len(set(ids)) == min(body["total"], 100)


@pytest.mark.parametrize(("key", "field"), [("price", "price"), ("name", "name"), ("sku", "sku")])
def test_sorting(viewer, key, field):
    up = viewer.get(f"/api/catalogue/products?sort={key}").get_json()["items"]
    down = viewer.get(f"/api/catalogue/products?sort=-{key}&page=20").get_json()["items"]
    assert up[0][field] == down[-1][field]


def test_sorting_by_something_else(viewer):
    response = viewer.get("/api/catalogue/products?sort=cost")
    assert response.status_code == 400
    assert response.get_json()["error"]["message"] == "sort must be one of id, name, price, sku."


def test_pages_beyond_the_end_are_empty(viewer):
    body = viewer.get("/api/catalogue/products?page=1000").get_json()
    assert body["items"] == []
    assert body["total"] == 390


def test_product_in_detail(viewer):
    body = viewer.get("/api/catalogue/products/6").get_json()
    assert body["margin"] == "16.80"
    assert [step["min_quantity"] for step in body["price_breaks"]] == [10, 100, 1000]
    assert body["created_at"] == "Mon, 01 Apr 2019 17:35:00 GMT"
    assert body["weight_kg"] == 0.625


def test_product_without_a_cost_has_no_margin(viewer):
    body = viewer.get("/api/catalogue/products/11").get_json()
    assert body["cost"] is None
    assert body["margin"] is None


@pytest.mark.parametrize("product_id", [37, 401, 999999])
def test_deleted_foreign_and_unknown_products(viewer, product_id):
    response = viewer.get(f"/api/catalogue/products/{product_id}")
    assert response.status_code == 404
    assert response.get_json()["error"]["message"] == "There is no such product."


def test_product_by_sku(viewer):
    assert viewer.get("/api/catalogue/products/by-sku/P-00002").get_json()["id"] == 2
    assert viewer.get("/api/catalogue/products/by-sku/p-00002").status_code == 404


def test_create_product(sales, database):
    response = sales.post(
        "/api/catalogue/products",
        json={
            "sku": "NEW-1",
            "name": "Neuer Hammer 🔨",
            "price": "9999999999.99",
            "cost": 0.1,
            "category_id": 3,
            "tags": ["new", "brand new"],
            "attributes": {"a": [1, None]},
            "price_breaks": [{"min_quantity": 5, "price": "1.005"}],
        },
    )
    assert response.status_code == 201
    body = response.get_json()
    assert response.headers["Location"] == f"/api/catalogue/products/{body['id']}"
    assert body["version"] == 1
    assert body["tags"] == ["brand new", "new"]
    assert body["margin"] == "9999999999.89"
    assert body["category"]["path"] == "Tools / Hand tools / Hammers"
    assert database.query(Tag).filter_by(name="new", tenant_id=1).count() == 1


@pytest.mark.parametrize("sku", ["P-00001", "P-00037"])
def test_a_sku_in_use_even_by_a_deleted_product(sales, sku):
    response = sales.post("/api/catalogue/products", json={"sku": sku, "name": "x", "price": 1})
    assert response.status_code == 409
    assert response.get_json()["error"]["details"] == {"sku": sku}


def test_a_sku_of_another_tenant_is_free(api):
    body = {"sku": "P-00200", "name": "x", "price": 1}
    assert api("globex-sales").post("/api/catalogue/products", json=body).status_code == 201


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"price": "-1"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": True}, "price"),
        ({"price": None}, "price"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"category_id": 10_000}, "category_id"),
        ({"category_id": "three"}, "category_id"),
        ({"tags": "new"}, "tags"),
        ({"is_active": "yes"}, "is_active"),
    ],
)
def test_create_product_refused(sales, values, field):
    body = {"sku": "NEW-2", "name": "x", "price": 1, **values}
    response = sales.post("/api/catalogue/products", json=body)
    assert response.status_code == 422
    assert list(response.get_json()["error"]["details"]["fields"]) == [field]


def test_update_product(sales, database):
    response = sales.patch(
        "/api/catalogue/products/2",
        json={"version": 2, "price": "1.5", "tags": [], "category_id": None},
    )
    body = response.get_json()
    assert body["price"] == "1.50"
    assert body["version"] == 3
    assert body["tags"] == []
    assert body["category"] is None
    assert database.get(Product, 2).updated_at.year >= 2024


def test_update_product_with_an_old_version(sales):
    response = sales.patch("/api/catalogue/products/2", json={"version": 1, "price": 1})
    assert response.status_code == 409
    assert response.get_json()["error"]["details"] == {"version": 2}


def test_update_product_without_a_version(sales):
    assert sales.patch("/api/catalogue/products/2", json={"price": 1}).status_code == 400


def test_delete_product_keeps_the_row(sales, database):
    assert sales.delete("/api/catalogue/products/4").status_code == 204
    assert sales.get("/api/catalogue/products/4").status_code == 404
    product = database.get(Product, 4)
    assert product.is_deleted
    assert not product.is_active


@pytest.mark.parametrize(
    ("product_id", "quantity", "unit_price"),
    [
        (6, 1, "39.9000"),
        (6, 10, "37.9050"),
        (6, 1000, "31.9200"),
        (4, 1, "149.5000"),
        (4, 0, "149.5000"),
        (8, 3, "8.7500"),
    ],
)
def test_price(viewer, product_id, quantity, unit_price):
    response = viewer.get(f"/api/catalogue/products/{product_id}/price?quantity={quantity}")
    assert response.get_json()["unit_price"] == unit_price


def test_categories_as_a_tree(viewer):
    body = viewer.get("/api/catalogue/categories?depth=5").get_json()
    names = [category["name"] for category in body["categories"]]
    assert sorted(names) == ["Fasteners", "Nothing here", "Safety", "Tools", "Électricité"]
    tools = next(category for category in body["categories"] if category["name"] == "Tools")
    hand_tools = next(each for each in tools["children"] if each["slug"] == "hand-tools")
    assert [each["slug"] for each in hand_tools["children"]] == ["hammers", "saws"]


def test_categories_without_children(viewer):
    body = viewer.get("/api/catalogue/categories?depth=0").get_json()
    assert all("children" not in category for category in body["categories"])


def test_one_category(viewer):
    body = viewer.get("/api/catalogue/categories/wood-screws").get_json()
    assert body["path"] == "Fasteners / Screws / Wood screws"
    assert body["products"] > 0
    assert viewer.get("/api/catalogue/categories/no-such").status_code == 404


def test_products_of_a_category_and_below(viewer):
    tools = viewer.get("/api/catalogue/categories/tools/products").get_json()
    hammers = viewer.get("/api/catalogue/categories/hammers/products").get_json()
    assert tools["total"] > hammers["total"] > 0
    names = [item["name"] for item in hammers["items"]]
    assert names == sorted(names)


def test_create_category_below_another(sales):
    body = {"slug": "mallets", "name": "Mallets", "parent_id": 2}
    response = sales.post("/api/catalogue/categories", json=body)
    assert response.status_code == 201
    assert response.get_json()["position"] == 4
    assert sales.post("/api/catalogue/categories", json=body).status_code == 409


def test_move_category(sales):
    response = sales.put("/api/catalogue/categories/nails/parent", json={"parent_id": 1})
    assert response.get_json()["path"] == "Tools / Nails"
    to_the_top = sales.put("/api/catalogue/categories/nails/parent", json={"parent_id": None})
    assert to_the_top.get_json()["path"] == "Nails"


@pytest.mark.parametrize(("parent_id", "status"), [(3, 409), (1, 409), (20, 422)])
def test_move_category_refused(sales, parent_id, status):
    response = sales.put("/api/catalogue/categories/tools/parent", json={"parent_id": parent_id})
    assert response.status_code == status


@pytest.mark.parametrize(("slug", "status"), [("empty", 204), ("tools", 409), ("nails", 409)])
def test_delete_category(sales, slug, status):
    assert sales.delete(f"/api/catalogue/categories/{slug}").status_code == status


def test_reprice_everything_below(admin, database):
    before = database.get(Product, 11).price
    database.rollback()
    response = admin.post("/api/catalogue/categories/tools/reprice", json={"percent": "10"})
    assert response.get_json()["changed"] > 50
    product = database.get(Product, 11)
    assert product.price > before
    assert product.version == 3


def test_tags_with_counts(viewer):
    tags = viewer.get("/api/catalogue/tags").get_json()["tags"]
    assert {tag["name"] for tag in tags} >= {"bulk", "été"}
    assert sum(tag["products"] for tag in tags) > 500


def test_set_tags(sales):
    response = sales.put("/api/catalogue/products/1/tags", json={"tags": ["zzz", "bulk"]})
    assert response.get_json() == {"tags": ["bulk", "zzz"]}
    assert sales.put("/api/catalogue/products/1/tags", json={"tags": []}).get_json()["tags"] == []
