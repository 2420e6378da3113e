import os

from flask import Flask, current_app, jsonify, request
from flask.views import MethodView
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, text
from sqlalchemy.orm import DeclarativeBase, relationship, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
Session = sessionmaker(bind=engine)


class Base(DeclarativeBase):
    pass


class Ward(Base):
    __tablename__ = "wards"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    beds = relationship("Bed", order_by="Bed.id", back_populates="ward")


class Bed(Base):
    __tablename__ = "beds"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    ward_id = Column(ForeignKey("wards.id"))
    ward = relationship(Ward, back_populates="beds")


class Container:
    """Makes what it is asked for by its name."""

    def __init__(self, **providers):
        self._providers = providers

    def __getattr__(self, name):
        try:
            return self._providers[name](self)
        except KeyError:
            raise AttributeError(name) from None


class Service:
    def __init__(self, factory):
        self.factory = factory

    def beds(self, name):
        with self.factory() as session:
            ward = session.query(Ward).filter_by(name=name).first()
            return [bed.name for bed in ward.beds] if ward is not None else None


class Resource(MethodView):
    """Of whichever class and factory it is made with."""

    init_every_request = False
    model = None

    def __init__(self, sessions):
        self.sessions = sessions

    def get(self, id):
        with self.sessions() as session:
            found = session.get(self.model, id)
            return jsonify(found and found.name, session.query(self.model).count())

    def patch(self, id):
        with self.sessions.begin() as session:
            found = session.get(self.model, id)
            found.name = request.get_json()["name"]
            session.flush()
            made = session.execute(text("SELECT count(*) FROM beds")).scalar()
        return jsonify(made)


def create_app():
    app = Flask(__name__)
    app.extensions["held"] = Container(service=lambda c: Service(c.factory), factory=lambda c: Session)
    for model in (Ward, Bed):
        kind = type(f"{model.__name__}Resource", (Resource,), {"model": model})
        view = kind.as_view(model.__name__.lower(), Session)
        app.add_url_rule(f"/{model.__name__.lower()}s/<int:id>", view_func=view)

    @app.route("/beds/<name>")
    def beds(name):
        return jsonify(current_app.extensions["held"].service.beds(name))

    return app
