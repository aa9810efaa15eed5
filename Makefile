VENV := .venv
PYTHON := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
COMPILE := $(PYTHON) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make requirements"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test torture check format requirements clean

help: ## list what make does here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## start the demo and print its address; ARGS="--port 8080" passes options
	@$(PYTHON) -m bot demo $(ARGS)

test: check ## run every check and test; ARGS="-k week" passes options to pytest
	@sh tools/browser.sh
	$(PYTHON) -m pytest --numprocesses auto $(ARGS)

torture: $(DEVELOPMENT) ## the tests that take long; BROADSHEET_SEED=… plays one again, ARGS="-k crash" chooses
	$(PYTHON) -m pytest --numprocesses auto -m torture $(ARGS)

check: $(DEVELOPMENT) ## lint, formatting, types, walls between the rooms
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports

format: $(DEVELOPMENT) ## format the code and mend what can be mended
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

requirements: $(DEVELOPMENT) ## compile requirements*.txt from pyproject.toml; ARGS="--upgrade" takes newer versions
	$(COMPILE) --output-file requirements.txt $(ARGS)
	$(COMPILE) --extra dev --constraints requirements.txt --output-file requirements-dev.txt $(ARGS)

clean: ## remove the virtual environment, caches and screenshots; data stays
	rm -rf $(VENV) build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find bot tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON):
	@sh tools/venv.sh $(VENV) $(PYTHON3)

$(RUNTIME): requirements.txt | $(PYTHON)
	@echo "Installing what the bot needs into $(VENV)"
	@$(PIP) requirements.txt
	@touch $@

# requirements-dev.txt holds what the bot needs too.
$(DEVELOPMENT): requirements-dev.txt | $(PYTHON)
	@echo "Installing what the bot and its tests need into $(VENV)"
	@$(PIP) requirements-dev.txt
	@touch $(RUNTIME) $@
