from .models import Box, Depot
from .storage import session


class Service:
    model = None
    session = session

    def all(self):
        return self.session.query(self.model).order_by(self.model.id).all()

    def count(self):
        return self.session.query(self.model).count()

    def create(self, **values):
        made = self.model(**values)
        self.session.add(made)
        self.session.commit()
        return made

    def delete(self, entity):
        self.session.delete(entity)
        self.session.commit()


class DepotService(Service):
    model = Depot

    def find(self, name):
        return self.session.query(Depot).filter(Depot.name == name).one()


class BoxService(Service):
    model = Box

    @classmethod
    def one(cls, label):
        return cls.session.query(Box).filter_by(label=label).first()


boxes = BoxService()
