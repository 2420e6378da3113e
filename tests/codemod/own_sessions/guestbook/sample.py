from .database import db_session, drop_db, init_db
from .models import Entry, Tag, User


def fill():
    drop_db()
    init_db()
    ann, bob = User("ann", "a@x"), User("bob", "b@x")
    red = Tag(name="red")
    db_session.add_all([ann, bob, Entry(title="one", text="t", author=ann, tags=[red])])
    db_session.flush()
    db_session.add_all([Entry(title="two", author=ann), Entry(title="three", author=bob)])
    db_session.commit()
    db_session.remove()
