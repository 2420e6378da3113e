# Every target does its own set-up; a second run finds the environment ready and starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check lint lock clean

demo: $(READY)
	$(BIN)/migrator demo

test: $(READY)
	$(BIN)/python -m pytest -n auto

check: lint test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

# Renews constraints.txt from the newest releases that pyproject.toml admits.
lock:
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	.lock/bin/python -m pip freeze --exclude-editable > constraints.txt
	rm -rf .lock

clean:
	rm -rf $(VENV) .lock build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
