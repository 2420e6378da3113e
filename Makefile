# Every target does its own set-up (tools/environment.sh); a second run finds it done and starts at once.
# PYTHON=/path/to/python3.12 chooses the Python, ARGS= gives the demo or pytest more words.
export PYTHON
PY := .venv/bin/python
# Two workers are what two cores carry; a larger machine may say WORKERS=8.
WORKERS ?= auto

.PHONY: demo test check oldest newest lint types target lock clean environment

demo: environment
	@$(PY) -m migrator demo $(ARGS)

test: environment
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Everything that has to hold before a change lands.
check: lint types test

# The tests on the oldest releases that pyproject.toml admits, in an environment of their own.
oldest:
	@tools/environment.sh .venv-oldest constraints-oldest.txt
	@.venv-oldest/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# The tests on the newest Python that is installed, in an environment of their own; none where .venv has that one.
newest: environment
	@PYTHON="$$(tools/newest.sh)"; \
	if [ -z "$$PYTHON" ]; then echo "No newer Python than that of .venv is installed."; exit 0; fi; \
	PYTHON="$$PYTHON" tools/environment.sh .venv-newest && \
	.venv-newest/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: environment
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

types: environment
	@$(PY) -m mypy

# Renews target_app/, which is what the codemod makes of legacy_app/.
target: environment
	@rm -rf target_app
	@$(PY) -m migrator codemod legacy_app --out target_app

environment:
	@tools/environment.sh

# Renews constraints.txt and constraints-oldest.txt: the newest and the oldest that pyproject.toml admits.
lock: environment
	@tools/lock.sh

clean:
	rm -rf .venv .venv-oldest .venv-newest .lock build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
