# make run   a demo website on http://127.0.0.1:8000, from nothing but Python 3.11+
# make test  everything that CI checks
# make quick  the fast tests, within a minute
# make test-all  every case of every test; `make test` runs a random sample of the slowest ones
# make test-server  all tests of the store on a ClickHouse server; `make test` runs a part of them
# make dashboard  builds the dashboard alone
# make faults  the whole matrix of damaged files; `make test` runs a sample
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients/node_modules/.package-lock.json
CLICKHOUSE := tests/clickhouse/node_modules/.package-lock.json
BUILT := pyproject.toml hatch_build.py $(wildcard tracker/src/* tracker/*.mjs tracker/package*.json geo/package*.json)
DASHBOARD := src/footfall/serve/static/dashboard/index.html
DASHBOARD_TOOLS := dashboard/node_modules/.tools
DASHBOARD_SOURCES := $(shell find dashboard -path dashboard/node_modules -prune -o -type f -print)

WORKERS ?= 2
# compiled files are kept: else each of the hundreds of processes that tests start compiles everything
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --dist worksteal

.PHONY: run quick test test-all test-server faults golden check all-checks check-code check-types check-test-types
.PHONY: dashboard check-dashboard types skill pictures bench lock clean

run: $(VENV)/installed $(DASHBOARD)
	$(BIN)/footfall demo

test: $(VENV)/installed-dev $(CLIENTS) $(CLICKHOUSE) $(DASHBOARD) all-checks
	$(PYTEST)

# without the tests that start servers and browsers, but with one journey through the whole product
quick: $(VENV)/installed-dev
	$(PYTEST) -m "not slow"

# every case, on the disk, and then the same on a ClickHouse server and the matrix of damaged files
test-all: $(VENV)/installed-dev $(CLIENTS) $(CLICKHOUSE) $(DASHBOARD) all-checks
	FOOTFALL_TEST_ALL=1 FOOTFALL_TEST_MEMORY_DISK=0 $(PYTEST)
	$(MAKE) test-server faults

test-server: $(VENV)/installed-dev $(CLICKHOUSE)
	FOOTFALL_TEST_ALL=1 FOOTFALL_TEST_STORE=server $(PYTEST) tests/load tests/store tests/query tests/serve tests/property tests/reference

# one kind, fault or time alone: make faults ONLY='"catalog, truncate"'
faults: $(VENV)/installed-dev
	PYTHONPATH=tests $(BIN)/python -m e2e.fault_matrix $(ONLY)

# after a change of SQL or of the terminal's pictures that is meant: writes tests/golden/sql and docs/cli.md again
golden: $(VENV)/installed-dev
	FOOTFALL_WRITE_GOLDEN=1 $(BIN)/pytest -q tests/golden tests/docs/test_terminal_session.py

check: check-code check-types check-test-types

# all checks, side by side: each uses one processor
all-checks: $(VENV)/installed-dev $(DASHBOARD_TOOLS)
	$(MAKE) -j $(WORKERS) --output-sync=target check-dashboard check-test-types check-types check-code

check-types: $(VENV)/installed-dev
	$(BIN)/mypy

check-test-types: $(VENV)/installed-dev
	$(BIN)/mypy --config-file tests/mypy.ini

check-code: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/vulture

# builds the dashboard with the tools that its developers use, and checks its sizes
dashboard: $(DASHBOARD_TOOLS)
	$(BIN)/python scripts/npm.py dashboard run build

check-dashboard: $(DASHBOARD_TOOLS)
	$(BIN)/python scripts/npm.py dashboard run check

# after a change of the API: writes dashboard/src/api/schema.d.ts again
types: $(CLIENTS)
	FOOTFALL_WRITE_TYPES=1 $(BIN)/pytest -q tests/clients/test_dashboard_types.py

# after a change of tools, paths, dimensions or numbers: writes skill/references again
skill: $(VENV)/installed-dev
	PYTHONPATH=src $(BIN)/python scripts/skill.py

# pictures of the pages for the docs
pictures: $(VENV)/installed-dev $(DASHBOARD)
	PYTHONPATH=tests:src $(BIN)/python -m dashboard.pictures

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench

# exact versions with hashes, naming no registry
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Footfall needs Python 3.11 or newer; say which: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.lock $(BUILT) | $(BIN)/python
	@echo "Installing Footfall (a few minutes the first time: the engine is a large download)"
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

# apart from the above: `make check` does not wait for it
$(DASHBOARD): $(DASHBOARD_SOURCES) hatch_build.py | $(VENV)/installed
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

$(DASHBOARD_TOOLS): dashboard/package.json dashboard/package-lock.json | $(VENV)/installed-dev
	$(BIN)/python tests/clients/install.py dashboard
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(BUILT) | $(BIN)/python
	@echo "Installing Footfall and its test tools (a few minutes the first time)"
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@ $(VENV)/installed

# the official clients and client generators that tests run, with the Node.js that the test tools bring
$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json | $(VENV)/installed-dev
	$(BIN)/python tests/clients/install.py

# a ClickHouse server for tests, 180 MB; without it the tests that need one are skipped
$(CLICKHOUSE): tests/clickhouse/package.json tests/clickhouse/package-lock.json | $(VENV)/installed-dev
	-$(BIN)/python tests/clients/install.py tests/clickhouse
