# Needs Python 3.11 or newer and make. The first target that needs it makes .venv from the lock.
PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
READY := .venv/.installed
BENCH := .venv-bench
MEASURING := $(BENCH)/.installed
PAGES := api/pages
ASSETS := $(PAGES)/assets/node_modules/.fetched
SAMPLE := data/samples/finnmark/round.json
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of processes: without bytecode each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo assets test check static format lock bench bench-full wheel clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: $(READY) ## Plan the shipped Finnmark sample into out/finnmark
	$(BIN)/rotations solve $(SAMPLE) --out out/finnmark

assets: $(ASSETS) ## Fetch the styles and scripts of the pages (needs npm, or fetches it)

test: $(READY) $(ASSETS) ## Run all tests
	$(BIN)/python -m pytest -n 4

check: $(READY) $(ASSETS) ## Everything that must hold: format, lint, types, import contracts, dependencies, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) --no-print-directory --jobs 2 static test

static: $(READY)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: $(READY) ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Write the lock files anew (needs uv and the network)
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header --quiet --extra dev pyproject.toml -o requirements-dev.lock
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header --quiet -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header --quiet --extra bench -c requirements-dev.lock pyproject.toml \
	    -o requirements-bench.lock

bench: $(MEASURING) ## Measure the planner beside its peers in 20 minutes; writes docs/benchmarks.md
	$(BENCH)/bin/python -m benchmarks quick

bench-full: $(MEASURING) ## Measure everything, for hours; a run that was stopped goes on
	$(BENCH)/bin/python -m benchmarks full

wheel: $(READY) $(ASSETS) ## Build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean: ## Remove what was made, .venv too
	rm -rf $(PAGES)/static/vendor $(PAGES)/assets/node_modules
	rm -rf .cache .venv .venv-bench dist out .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(READY): requirements-dev.lock pyproject.toml
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q api data models scheduler
	@touch $@

$(MEASURING): requirements-bench.lock pyproject.toml
	[ -x $(BENCH)/bin/python ] || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	$(BENCH)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# A script rather than commands here: the image has no make.
$(ASSETS): $(PAGES)/assets/package-lock.json $(PAGES)/assets/fetch.sh | $(READY)
	PYTHON=$(BIN)/python sh $(PAGES)/assets/fetch.sh
	@touch $@
