"""Notes over sessions that an application makes itself, of a factory and of a registry."""

from __future__ import annotations

from pathlib import Path

_FILES = {
    "__init__.py": """
        from flask import Flask
        from {name} import views
        from {name}.db import Session, fresh

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(views.bp)

            @app.teardown_appcontext
            def ended(error=None):
                Session.remove()

            return app
    """,
    "db.py": """
        from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, event
        from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker
        from sqlalchemy.pool import NullPool

        engine = create_engine("sqlite:///PLACE/{name}.db", poolclass=NullPool)
        maker = sessionmaker(bind=engine)
        Session = scoped_session(maker)
        Base = declarative_base()
        Base.query = Session.query_property()

        class Author(Base):
            __tablename__ = "authors"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            notes = relationship("Note", backref="author", order_by="Note.id")

        class Note(Base):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)
            text = Column(String)
            author_id = Column(ForeignKey("authors.id"))

            def __iter__(self):
                yield self.text
                yield self.author.name

        def fresh():
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            with maker() as session:
                session.add(Author(name="ann", notes=[Note(text="one"), Note(text="two")]))
                session.commit()
    """,
}


def own_notes(place: Path, views: str, **files: str) -> dict[str, str]:
    """The application's files, with these views; `{name}` is the package."""
    found = {**_FILES, "views.py": views, **{f"{name}.py": text for name, text in files.items()}}
    return {path: text.replace("PLACE", str(place)) for path, text in found.items()}
