from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy import func
from sqlalchemy.orm import joinedload

from .database import db_session
from .errors import Missing
from .models import Entry, Tag, User

bp = Blueprint("guest", __name__)


@bp.route("/")
def index():
    entries = Entry.query.order_by(Entry.id.desc()).limit(5).all()
    return render_template("index.html", entries=entries)


@bp.route("/users")
def users():
    return jsonify([{"name": u.name, "entries": len(u.entries)} for u in User.query.order_by(User.name)])


@bp.route("/users/<name>")
def user(name):
    found = User.by_name(name)
    if found is None:
        raise Missing(name)
    latest = found.latest()
    return jsonify(name=found.name, repr=repr(found), latest=latest.title if latest else None)


@bp.route("/users", methods=["POST"])
def add_user():
    u = User(request.form["name"], request.form["email"]).save()
    return jsonify(id=u.id), 201


@bp.route("/entries", methods=["POST"])
def add_entry():
    author = User.query.filter(User.name == request.form["author"]).one()
    entry = Entry(title=request.form["title"], text=request.form.get("text"), author=author)
    for name in request.form.get("tags", "").split():
        entry.tags.append(Tag.ensure(name))
    db_session.add(entry)
    db_session.commit()
    return redirect(url_for("guest.entry", id=entry.id))


@bp.route("/entries/<int:id>")
def entry(id):
    found = Entry.query.get(id)
    if found is None:
        abort(404)
    return render_template("entry.html", entry=found)


@bp.route("/entries/<int:id>", methods=["PUT"])
def change(id):
    count = Entry.query.filter(Entry.id == id).update({"title": request.form["title"]})
    db_session.commit()
    if not count:
        raise Missing(str(id))
    return jsonify(changed=count, title=db_session.get(Entry, id).title)


@bp.route("/entries/<int:id>", methods=["DELETE"])
def remove(id):
    entry = db_session.query(Entry).filter_by(id=id).one()
    db_session.delete(entry)
    db_session.commit()
    return "", 204


@bp.route("/search")
def search():
    q = db_session.query(Entry).options(joinedload(Entry.author)).join(Entry.author)
    if "author" in request.args:
        q = q.filter(User.name == request.args["author"])
    if "tag" in request.args:
        q = q.filter(Entry.tags.any(Tag.name == request.args["tag"]))
    return jsonify(total=q.count(), found=[[e.title, e.author.name, [t.name for t in e.tags]] for e in q.order_by(Entry.id)])


@bp.route("/stats")
def stats():
    rows = db_session.query(User.name, func.count(Entry.id)).outerjoin(User.entries).group_by(User.name).order_by(User.name).all()
    biggest = db_session.query(func.max(Entry.id)).scalar()
    return jsonify(rows=[[n, c] for n, c in rows], biggest=biggest, tags=[t.name for t in Tag.query.all()], any=db_session.query(Entry.query.filter(Entry.title == "one").exists()).scalar())
