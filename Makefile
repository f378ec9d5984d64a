# Castboard. `make run` and `make test` need Python 3.11 or newer and nothing else; they set up what is missing.

NEW_ENOUGH := sys.exit(sys.version_info < (3, 11))
# On a system with several, the first that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; $(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)
VENV := .venv
RUN := $(VENV)/bin/python
PYTEST := $(RUN) -m pytest -q
# Three for two processors: while one waits for a browser or a killed process to be back, another goes on.
PARALLEL := -n 3 --dist worksteal
# What must pass is the same each time, in the order of the files and with the examples of last time; `make test-shuffled`
# is what looks for more.
THE_SAME := --randomly-dont-reorganize --randomly-seed=1
WITH_BROWSER := CHROMIUM=$$($(RUN) tests/ensure_browser.py) && export CHROMIUM &&
# Where another database may make a difference: the rooms that ask it, and the pages whose questions are their own. The
# rest is words and forms, which one database is enough for.
ASKING := cluster engine films library models money startup upgrade test_time_limits.py test_import_assets.py \
	$(addprefix team/test_, activity.py another_account.py guessing.py leaving.py members.py) \
	$(addprefix views/test_, board.py candidates.py films.py library.py nul.py older_pages.py presses_at_once.py shares.py \
	takes.py usage.py)
LOCK := $(RUN) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet
# What `make check` pretends to be: an installation on the internet, with no data yet.
PRODUCTION := DATA_DIR=$(VENV)/production DATABASE_URL= PUBLIC_URL=https://castboard.example ALLOWED_HOSTS=castboard.example \
	SECRET_KEY=$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))') APIFRAME_API_KEY=afk_not_a_real_one

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-sqlite test-postgres test-shuffled test-browser test-faults check format bench screenshots lock clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "  %-20s %s\n", $$1, $$2 }'

run: .venv-run ## Set up what is missing and run Castboard until Ctrl-C
	@exec $(RUN) manage.py up

test: .venv-dev ## The tests to run while working: on SQLite, without a browser, and with nothing killed at random
	$(PYTEST) $(PARALLEL) $(THE_SAME) -m "not browser and not faults"

test-all: test-sqlite test-postgres ## Every test, in a browser and with processes killed too; on PostgreSQL what may differ there

test-sqlite: .venv-dev
	$(WITH_BROWSER) $(PYTEST) $(PARALLEL) $(THE_SAME)

test-postgres: .venv-dev
	$(RUN) -m tests.postgres $(PYTEST) $(PARALLEL) $(THE_SAME) -m "not one_database" $(addprefix tests/,$(ASKING))

test-shuffled: .venv-dev ## The tests in an order of their own, with examples never tried: what leans on another shows
	$(PYTEST) $(PARALLEL) --hypothesis-profile=anew -m "not browser and not faults"

test-browser: .venv-dev
	$(WITH_BROWSER) $(PYTEST) $(PARALLEL) -m browser

test-faults: .venv-dev
	$(PYTEST) $(PARALLEL) -m faults

check: .venv-dev ## Format, lint, types, deployment checks, migrations, templates
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(RUN) -m mypy .
	$(RUN) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(RUN) manage.py check --deploy --fail-level WARNING
	$(RUN) -m djlint templates --lint --quiet

format: .venv-dev ## Put code into its one form
	$(VENV)/bin/ruff check --fix --quiet .
	$(VENV)/bin/ruff format .

bench: .venv-dev ## Benchmarks, one JSON object a line
	@$(RUN) -m tests.benchmarks

screenshots: .venv-dev ## Take the README's pictures anew
	$(WITH_BROWSER) $(RUN) -m tests.screenshots

lock: .venv-dev ## Lock the dependencies of pyproject.toml anew
	$(RUN) -m pip install --quiet uv
	$(LOCK) -o requirements.txt
	$(LOCK) --extra dev -c requirements.txt -o tests/requirements.txt

clean: ## Remove everything that can be made again; var/ (your data) stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installs when the lock is not the one installed last, compared by content: a checkout touches every file.
.PHONY: .venv-run .venv-dev .venv-exists
.venv-run: .venv-exists
	@cmp -s requirements.txt $(VENV)/installed.txt || cmp -s tests/requirements.txt $(VENV)/installed-dev.txt || { \
		echo "Installing the locked dependencies (once; about half a minute)"; \
		$(RUN) -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.txt \
		&& rm -f $(VENV)/installed-dev.txt && cp requirements.txt $(VENV)/installed.txt; }

.venv-dev: .venv-exists
	@cmp -s tests/requirements.txt $(VENV)/installed-dev.txt || { \
		echo "Installing the locked dependencies for tests (once; about a minute)"; \
		$(RUN) -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes -r tests/requirements.txt \
		&& cp tests/requirements.txt $(VENV)/installed-dev.txt && cp requirements.txt $(VENV)/installed.txt; }

.venv-exists:
	@$(RUN) -c 'import pip, sys; $(NEW_ENOUGH)' 2>/dev/null || { \
		test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; $(NEW_ENOUGH)' 2>/dev/null || { \
			echo "castboard: Python 3.11 or newer is needed, and none was found. Name yours: make run PYTHON=/path" >&2; exit 1; }; \
		said=$$($(PYTHON) -m venv --clear $(VENV) 2>&1) || { \
			echo "castboard: $(PYTHON) cannot make a virtual environment in $(VENV):" >&2; echo "$$said" | tail -3 >&2; \
			$(PYTHON) -c 'import ensurepip' 2>/dev/null || echo "On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }; }
