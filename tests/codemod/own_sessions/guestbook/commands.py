import click

from .database import db_session, drop_db, init_db
from .models import Entry, User


def register(app):
    @app.cli.command("init-db")
    def init():
        drop_db()
        init_db()
        click.echo("made")

    @app.cli.command("add-user")
    @click.argument("name")
    def add_user(name):
        user = User(name, name + "@x")
        db_session.add(user)
        db_session.commit()
        click.echo(f"{user.id} {user.name} of {User.query.count()}")

    @app.cli.command("list")
    def list_entries():
        for e in Entry.query.order_by(Entry.id):
            click.echo(f"{e.title} by {e.author.name}")
