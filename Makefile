# What a newcomer and CI type. `make help` lists it all.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One more than there are cores: a journey waits for servers and files, too.
PYTEST_WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(os.cpu_count() or 1, 7) + 1)")
# Bytecode is compiled at installation: otherwise every process pays seconds to import scikit-learn.
INSTALL := UV_COMPILE_BYTECODE=1 $(BIN)/uv pip install --quiet --python $(BIN)/python

# pytest rewrites five thousand asserts at each collection unless it may keep what it wrote.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: translations reference help setup demo test test-fast coverage nightly soak bench lint types site docs format lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with pinned dependencies and the package

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"fullcycle needs Python 3.11, 3.12 or 3.13, found {v[0]}.{v[1]}: make PYTHON=python3.12 setup")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(INSTALL) -r requirements-dev.lock
	@$(INSTALL) --no-deps --editable .
	@$(BIN)/python scripts/check_libgomp.py
	@touch $@

demo: $(READY) ## The whole cycle on real data, into demo/
	@$(BIN)/fullcycle demo demo

test: $(READY) ## The whole test suite
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m "not nightly and not docs"

coverage: $(READY) ## The same suite with branch coverage, 90% at least
	@FULLCYCLE_THOROUGH=1 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m "not nightly and not docs" --cov --cov-report=term:skip-covered --cov-fail-under=90

test-fast: $(READY) ## The unit tests alone, without journeys
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m "not nightly and not docs" --ignore tests/journeys

nightly: coverage ## Branch coverage, then long properties, soaks and matrices
	@FULLCYCLE_THOROUGH=1 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal -m nightly

soak: $(READY) ## Ten minutes at 80% of capacity, a release or rollback every 10 s
	@$(BIN)/python -m benchmarks.soak

bench: $(READY) ## Speed and quality beside their floors
	@$(BIN)/python -m benchmarks

lint: $(READY) ## Style, layers and committed hygiene
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo

types: $(READY) ## Strict types
	@$(BIN)/mypy

site: $(READY) ## The documentation as a site, strict about links
	@$(BIN)/sphinx-build -q -W --keep-going docs site

docs: site ## The site, and every code block of README and docs, executed; every link and figure checked
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m "docs and not nightly" tests/docs

format: $(READY) ## Put code into the house's style
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

reference: $(READY) ## Write the pages that follow from the code
	@$(BIN)/python -m scripts.make_reference

translations: $(READY) ## Bring the Russian catalogue in line with the sentences of the code
	@$(BIN)/python -m fullcycle.people.report.catalogue

lock: $(READY) ## Resolve the dependencies anew for all three Python versions
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --group serving -c requirements.lock -o src/fullcycle/data/requirements-serving.txt

clean: ## Remove what was made here (.venv stays)
	@rm -rf demo site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* dist
