import pytest
from shop import create_app
from shop.models import Customer, Order, db


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.sqlite3'}")
    app = create_app()
    app.test_cli_runner().invoke(args=["seed"])
    with app.app_context():
        db.session.add(Order(total=40, customer=Customer(name="Bo")))
        db.session.commit()
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


def test_orders_by_total(client):
    assert [order["total"] for order in client.get("/orders").get_json()] == [10, 20, 30, 40]


def test_one_order(client):
    assert client.get("/orders/4").get_json()["customer"] == "Bo"
