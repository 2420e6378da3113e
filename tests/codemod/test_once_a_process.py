"""What a process has once and both packages set up is told of (MIG124)."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.small_package import converted, files, write

TOLD = {
    "metrics": "from prometheus_client import Counter, Gauge\n"
    "shown = Counter('shown', 'pages')\nopen_ = Gauge('open', 'pages')\n",
    "by module": "import prometheus_client as p\nshown = p.Counter('shown', 'pages')\n",
    "exporter": "from prometheus_flask_exporter import PrometheusMetrics\n"
    "metrics = PrometheusMetrics.for_app_factory()\n",
    "versions": "from sqlalchemy_continuum import make_versioned\nmake_versioned(user_cls=None)\n",
    "models by names": "from safrs import SAFRSAPI\ndef expose(app):\n    SAFRSAPI(app)\n",
    "bare actors": "import dramatiq\n@dramatiq.actor\ndef send(): pass\n@dramatiq.actor\ndef more(): pass\n",
    "actors": "from dramatiq import actor\n@actor(queue_name='mail', actor_name='send')\ndef send(): pass\n",
    "spans": "from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor\n"
    "def trace(engine):\n    SQLAlchemyInstrumentor().instrument(engine=engine)\n",
}
NOT_TOLD = {
    "own registry": "from prometheus_client import CollectorRegistry, Counter\n"
    "shown = Counter('shown', 'pages', registry=CollectorRegistry())\n",
    "exporter's own": "from prometheus_flask_exporter import PrometheusMetrics\n"
    "metrics = PrometheusMetrics.for_app_factory(registry=object())\n",
    "an application's": "from opentelemetry.instrumentation.flask import FlaskInstrumentor\n"
    "def trace(app):\n    FlaskInstrumentor().instrument_app(app)\n",
    "actors with a name": "import dramatiq\n@dramatiq.actor(actor_name=f'{__name__}.send')\ndef send(): pass\n",
    "actors of a broker": "import dramatiq\nfrom dramatiq.brokers.stub import StubBroker\nbroker = StubBroker()\n"
    "@dramatiq.actor(broker=broker)\ndef send(): pass\n",
    "another's": "from collections import Counter\n# not of prometheus_client\nshown = Counter('shown')\n",
    "imported": "from company.metrics import SHOWN\n# of prometheus_client\nSHOWN.inc()\n",
}
VIEWS = "from flask import Blueprint\nbp = Blueprint('views', __name__)\n"


@pytest.mark.parametrize("code", [*TOLD, *NOT_TOLD])
def test_what_is_told(code: str, tmp_path: Path) -> None:
    made = outcome_of(converted(tmp_path, VIEWS + {**TOLD, **NOT_TOLD}[code]))
    assert [f.code for f in made.findings].count("MIG124") == (code in TOLD)


def test_what_is_converted_in_place_has_no_other_side(tmp_path: Path) -> None:
    from migrator.codemod.convert import convert

    root = write(tmp_path, files(VIEWS + TOLD["metrics"]))
    assert not outcome_of(convert(root, package="shop")).findings
