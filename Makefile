# Everything a contributor types. `make` alone lists the targets.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# The tests wait for servers and for git half of their time.
WORKERS ?= 4
TYPED := $(wildcard bot service tests benches tools)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format serve bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## Make .venv from the locked requirements; redone when they change

demo: $(READY) ## Play a pull request through the real bot, without GitHub (ONCE=1 exits when played)
	@$(BIN)/signalbox demo $(if $(filter 1,$(ONCE)),--once)

test: $(READY) ## Run every test; bot is covered to 90 %, bot/rules to 100 %
	@$(BIN)/pytest -n $(WORKERS) --cov --cov-fail-under=90
	@report=$$($(BIN)/coverage report --include='bot/rules/*' --fail-under=100) || { echo "$$report"; exit 1; }

lint: $(READY) ## Check style, types, the Dockerfile and the workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --offline --quiet .github/workflows

format: $(READY) ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# glibc's malloc would otherwise keep an arena for each of the threads.
serve: $(READY) ## Run the bot with the settings of the environment
	@MALLOC_ARENA_MAX=2 $(BIN)/signalbox serve

bench: $(READY) ## Measure the bars of docs/benchmarks.md
	@$(BIN)/python -m benches

clean: ## Remove .venv and everything that can be made again
	rm -rf .venv .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache dist node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Signalbox needs Python 3.11 or later as $(PYTHON); name another: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv from the locked requirements: about a minute, once"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
