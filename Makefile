# Every target bootstraps .venv by itself: Python 3.11 or newer, git and make are all a machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help quick conformance test kill-matrix kill-matrix-docs comparison bench equal-time stability sweep-measure lint format lock wheel clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

quick: $(STAMP)  ## unit tests of what you changed since main, and a few mutants; about a minute
	$(BIN)/python -m tests.quick $(ARGS)

conformance: $(STAMP)  ## AC-1 to AC-10 against the reference implementation
	$(BIN)/magic-link-conformance run $(ARGS)

test: $(STAMP)  ## all tests of the harness and of the reference; one tier with ARGS='-m unit'
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

kill-matrix: $(STAMP)  ## every mutant and every permitted variant, or a fair share with ARGS=--sample
	$(BIN)/python -m tests.mutants.matrix --out build $(ARGS)

kill-matrix-docs: $(STAMP)  ## docs/kill-matrix.md and the known faults, from what kill-matrix found
	$(BIN)/python -m tests.mutants.known_faults build/kill-matrix.json
	$(BIN)/python -m tests.mutants.page build/kill-matrix.json $(wildcard build/comparison.json)

comparison: $(STAMP)  ## schemathesis and ordinary tests against every mutant; half an hour
	$(BIN)/python -m tests.comparison $(ARGS)

bench: $(STAMP)  ## speed of the reference, time to verdict, what growth costs; half an hour, or ARGS='NAMES'
	$(BIN)/python -m tests.benchmarks $(ARGS)

equal-time: $(STAMP)  ## AC-9 of the reference: a table by provider, delay and load; a few minutes
	$(BIN)/python -m tests.reference.equal_time $(ARGS)

stability: $(STAMP)  ## the reference and two variants, twenty times, while all cores are busy
	$(BIN)/python -m tests.stability $(ARGS)

sweep-measure: $(STAMP)  ## a sweep of 60 mutants: processor time per candidate, and how busy the cores are
	$(BIN)/python -m tests.sweep.measure $(ARGS)

lint: $(STAMP)  ## ruff, the strict type checker, the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(STAMP)  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP)  ## write requirements.lock again from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --extra dev --output-file requirements.lock $(LOCK_ARGS) pyproject.toml

wheel: $(STAMP)  ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

# The project itself goes in without its dependencies: those come from the lock, hash by hash.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) build dist conformance-report sweep-report
