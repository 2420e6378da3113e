"""An API framework's Api over a blueprint: on the converted side there is none, and errors are the application's."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike


def test_errors_of_converted_views_beside_an_api(alike: Alike) -> None:
    views = """
from flask_restx import Api, Resource

api = Api(bp, doc=False)

class Strict(Api):
    def handle_error(self, e):
        return self.make_response({"left": Order.query.count()}, 410)

api2 = Blueprint("second", __name__, url_prefix="/second")
strict = Strict(api2, doc=False)

@api.route("/names")
class Names(Resource):
    def get(self):
        return [c.name for c in Customer.query.order_by(Customer.id)]

@api2.get("/orders/<int:key>")
def order(key):
    return Order.query.get_or_404(key).number

@bp.get("/customers/<int:key>")
def customer(key):
    return Customer.query.get_or_404(key).name

def setup(app):
    app.register_blueprint(api2)

    @app.errorhandler(404)
    def missing(error):
        return {"customers": Customer.query.count()}, 299
"""
    paths = ["/names", "/customers/1", "/customers/9", "/second/orders/1", "/second/orders/99"]
    alike(HEAD + views, paths)
