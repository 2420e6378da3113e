"""One seeded application for the whole run; the database is restored after every write.

SQLite by default; a PostgreSQL when DATABASE_URL names one.
"""

import itertools
import os
import shutil

import pytest
from sqlalchemy import event, make_url
from sqlalchemy.orm import Session

from legacy_app import create_app
from legacy_app.extensions import db
from legacy_app.seed import seed
from migrator.embedded import create_database, drop_database

serial = itertools.count()


class SqliteHome:
    """A seeded file, and the working copy of it that the tests use."""

    def __init__(self, folder):
        self.template = folder / "template.sqlite3"
        self.path = folder / "work.sqlite3"
        self.template_url = f"sqlite:///{self.template}"
        self.url = f"sqlite:///{self.path}"

    def restore(self):
        shutil.copyfile(self.template, self.path)

    def close(self):
        pass


class PostgresHome:
    """A seeded database, and the working clone of it that the tests use."""

    def __init__(self, admin_url):
        self.admin_url = admin_url
        self.name = f"legacy_{os.getpid()}_{next(serial)}"
        self.template_url = create_database(admin_url, self.name + "_template")
        self.url = make_url(admin_url).set(database=self.name).render_as_string(False)

    def restore(self):
        drop_database(self.admin_url, self.name)
        create_database(self.admin_url, self.name, template=self.name + "_template")

    def close(self):
        drop_database(self.admin_url, self.name)
        drop_database(self.admin_url, self.name + "_template")


def make_home(tmp_path_factory):
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        return PostgresHome(url)
    return SqliteHome(tmp_path_factory.mktemp("legacy"))


def make_app(url):
    application = create_app(
        {"TESTING": True, "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": url}
    )
    with application.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", do_not_wait_for_the_disk)
    return application


def do_not_wait_for_the_disk(connection, record):
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


def dispose(app):
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    place = make_home(tmp_path_factory)
    template = make_app(place.template_url)
    seed(template)
    dispose(template)
    place.restore()
    yield place
    place.close()


@pytest.fixture(scope="session")
def shared_app(home):
    application = make_app(home.url)
    application.dirty = False

    def note(connection):
        application.dirty = True

    with application.app_context():
        event.listen(db.engine, "commit", note)
    yield application
    dispose(application)


@pytest.fixture
def app(home, shared_app):
    """The application over freshly seeded data."""
    yield shared_app
    if shared_app.dirty:
        dispose(shared_app)
        home.restore()
        shared_app.dirty = False


@pytest.fixture
def database(app):
    """A session of its own, to look at what a request has written.

    No application context: requests would share it, and with it `g`.
    """
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


@pytest.fixture
def empty_app(tmp_path, request):
    """An application over a database without tables."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        name = f"legacy_{os.getpid()}_{next(serial)}_empty"
        application = make_app(create_database(url, name))
        yield application
        dispose(application)
        drop_database(url, name)
    else:
        application = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield application
        dispose(application)


@pytest.fixture
def api(app):
    """`api("acme-sales")`: a client that sends that token with every request."""

    def make(name):
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {name}-token"
        return client

    return make


@pytest.fixture
def anonymous(app):
    return app.test_client()


@pytest.fixture
def admin(api):
    return api("acme-admin")


@pytest.fixture
def sales(api):
    return api("acme-sales")


@pytest.fixture
def warehouse(api):
    return api("acme-warehouse")


@pytest.fixture
def accounts(api):
    return api("acme-accounts")


@pytest.fixture
def viewer(api):
    return api("acme-viewer")


@pytest.fixture
def root(api):
    return api("root")


@pytest.fixture
def browse(app):
    """`browse("sales@acme.example")`: a client logged in through the form."""

    def make(email, **form):
        client = app.test_client()
        response = client.post("/login", data={"email": email, "password": "secret", **form})
        assert response.status_code == 302
        # The greeting is of no interest to the tests.
        client.get("/")
        return client

    return make
