"""The application's own errors and how every error becomes a response."""

from migrator.runtime.compat import current_app, jsonify, render_template, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from target_app.extensions import db
from migrator.runtime.db import bridge


class ServiceError(Exception):
    """A rule of the business was broken; the message is meant for the user."""

    status_code = 400
    code = "bad_request"

    def __init__(self, message, **details):
        super().__init__(message)
        self.message = message
        self.details = details


class ValidationError(ServiceError):
    status_code = 422
    code = "validation"

    def __init__(self, fields):
        super().__init__("Some fields are not valid.", fields=fields)


class Forbidden(ServiceError):
    status_code = 403
    code = "forbidden"


class Conflict(ServiceError):
    status_code = 409
    code = "conflict"


class InvalidTransition(Conflict):
    code = "invalid_transition"


class InsufficientStock(Conflict):
    code = "insufficient_stock"


def wants_json():
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def error_body(code, message, details=None):
    body = {"error": {"code": code, "message": message}}
    if details:
        body["error"]["details"] = details
    return body


async def handle_service_error(error):
    await db.session.rollback()
    if wants_json():
        return jsonify(error_body(error.code, error.message, error.details)), error.status_code
    return await bridge(render_template, "errors/error.html", title=error.message), error.status_code


async def handle_http_exception(error):
    if error.response is not None:
        return error.response
    if wants_json():
        response = jsonify(error_body(error.name.lower().replace(" ", "_"), error.description))
        response.status_code = error.code
        return response
    return await bridge(render_template, "errors/error.html", title=error.name, error=error), error.code


async def handle_not_found(error):
    if wants_json():
        return jsonify(error_body("not_found", error.description)), 404
    return await bridge(render_template, "errors/404.html", error=error), 404


async def handle_integrity_error(error):
    """Two requests raced for the same number, code or name: the second one loses."""
    await db.session.rollback()
    current_app.logger.info("integrity error: %s", type(error.orig).__name__)
    message = "This conflicts with an existing record."
    if wants_json():
        return jsonify(error_body("conflict", message)), 409
    return await bridge(render_template, "errors/error.html", title=message), 409


async def handle_stale_data(error):
    await db.session.rollback()
    message = "Someone else changed this record; load it again."
    if wants_json():
        return jsonify(error_body("stale", message)), 409
    return await bridge(render_template, "errors/error.html", title=message), 409


def register_error_handlers(app):
    app.register_error_handler(ServiceError, handle_service_error)
    app.register_error_handler(HTTPException, handle_http_exception)
    app.register_error_handler(404, handle_not_found)
    app.register_error_handler(IntegrityError, handle_integrity_error)
    app.register_error_handler(StaleDataError, handle_stale_data)
