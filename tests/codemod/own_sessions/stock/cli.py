import click

from .db import Base, Session, engine, session_scope
from .models import Shelf


def init_app(app):
    app.cli.add_command(init_db)
    app.cli.add_command(report)
    app.cli.add_command(add_shelf)


@click.command("init-db")
def init_db():
    Base.metadata.create_all(engine)
    click.echo("ok")


@click.command("report")
def report():
    with Session() as session:
        for shelf in session.query(Shelf).order_by(Shelf.code):
            click.echo(f"{shelf.code} {shelf.total}")


@click.command("add-shelf")
@click.argument("code")
def add_shelf(code):
    with session_scope() as session:
        shelf = Shelf(code=code)
        session.add(shelf)
        session.flush()
        click.echo(str(shelf.id))
