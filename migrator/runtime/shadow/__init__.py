"""The same requests to two applications, from the same state of the database, compared strictly.

`load` reads declared cases, `run_cases` sends them and gives a `Report`; `compare` is the strict
comparison of two observations by itself. docs/shadow.md is the manual.

- what is asked: `cases`, `folder`, `yamlfile`, `rulesfile`, `requests`, `captures`, `one_login`
- a run: `runner`, `flows`, `stages`, `pin`, `clone`, `unknown`, `freeze`, `coverage`
- several requests at a time: `at_once`, `among`, `rounds`
- one side, watched: `observe`, `wire`, `cookies`, `engines`, `model`
- what two sides did, compared: `compare`, `strictjson`, `effects`, `rules`, `judge`, `rows`, `notes`, `report`
- databases: `databases`, `raw`, `postgresql`, `sqlite`, `mysql`, `mysql_clock`, `mysql_clone`, `mysql_copy`,
  `elsewhere`
"""

from __future__ import annotations

from .cases import Actor, Cases, Flow, Step, load
from .compare import compare
from .cookies import Sessions
from .engines import HasEngines, find_engines
from .model import (
    Comparison,
    Difference,
    Failure,
    Observation,
    Request,
    Response,
    RowChange,
    Verdict,
)
from .report import AtOnce, CaseResult, Endpoint, EndpointRow, Report, RuleUse, Side
from .rules import Rule, RuleContext
from .runner import Options, run_cases

__all__ = [
    "Actor",
    "AtOnce",
    "CaseResult",
    "Cases",
    "Comparison",
    "Difference",
    "Endpoint",
    "EndpointRow",
    "Failure",
    "Flow",
    "HasEngines",
    "Observation",
    "Options",
    "Report",
    "Request",
    "Response",
    "RowChange",
    "Rule",
    "RuleContext",
    "RuleUse",
    "Sessions",
    "Side",
    "Step",
    "Verdict",
    "compare",
    "find_engines",
    "load",
    "run_cases",
]
