from sqlalchemy import func, select

from .models import Item, Shelf


class Repository:
    model = None

    def __init__(self, session):
        self.session = session

    def get(self, id):
        return self.session.get(self.model, id)

    def all(self):
        return self.session.query(self.model).order_by(self.model.id).all()

    def add(self, entity):
        self.session.add(entity)
        self.session.flush()
        return entity


class ShelfRepository(Repository):
    model = Shelf

    def by_code(self, code):
        return self.session.query(Shelf).filter_by(code=code).one_or_none()

    def sizes(self):
        st = select(Shelf.code, func.count(Item.id)).outerjoin(Shelf.items).group_by(Shelf.code).order_by(Shelf.code)
        return self.session.execute(st).all()


class ItemRepository(Repository):
    model = Item

    def on(self, shelf):
        return self.session.scalars(select(Item).where(Item.shelf == shelf).order_by(Item.name)).all()

    def move(self, item, shelf):
        item.shelf = shelf
        self.session.flush()


class Service:
    def __init__(self, session):
        self.shelves = ShelfRepository(session)
        self.items = ItemRepository(session)

    def receive(self, code, name, count):
        shelf = self.shelves.by_code(code)
        if shelf is None:
            shelf = self.shelves.add(Shelf(code=code))
        item = next((i for i in shelf.items if i.name == name), None)
        if item is None:
            item = self.items.add(Item(name=name, count=0, shelf=shelf))
        item.count += count
        return item
