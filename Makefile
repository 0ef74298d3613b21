# Two commands matter: `make demo` and `make test`. The rest is for those who build.

PYTHON = .venv/bin/python
# What `check --deploy` looks at: settings as in production, with nothing behind them.
PRODUCTION = env -u DEBUG -u DEMO SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-only-to-check \
	DATA_KEYS=check:b25seS10by1jaGVjay10aGUtcHJvZHVjdGlvbi1zZXQ= \
	SITE_URL=https://pool.example ALLOWED_HOSTS=pool.example \
	DATABASE_URL=postgres:///nobody-asks FILES_DIR=/nowhere BROKER_URL=redis://nobody.asks

.PHONY: help setup demo story test oracle check bench messages lock docs

help: ## List what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## Make the virtual environment and get what PDFs need
	@command -v python3 >/dev/null || { \
		echo "python3 is missing: sudo apt-get install python3 python3-venv"; exit 1; }
	@python3 -I config/setup.py

demo: setup ## Run it all, with people and cases to try: http://localhost:8000 (PORT=8080 make demo)
	@$(PYTHON) -m config.demo

story: setup ## Tell one call from opening to completion, into OUT (OUT=.local/story)
	$(PYTHON) manage.py migrate --verbosity 0
	$(PYTHON) manage.py story --out $(or $(OUT),.local/story)

test: setup ## Run all tests, browser journeys included
	$(PYTHON) -m pytest -n auto --dist loadscope -rs

oracle: setup ## Install pabutools, which `make test` then compares equal shares with
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements-oracle.lock

check: setup ## Look at the code: format, lint, imports, types, migrations, settings, lock
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports --no-logo
	.venv/bin/mypy
	$(PYTHON) -m config.lock
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

bench: setup ## Measure what has to be quick; measures, and never fails
	$(PYTHON) -m bench.allocation
	$(PYTHON) -m bench.tally
	$(PYTHON) -m bench.closing

messages: setup ## Collect the texts that people read, for translation
	@command -v xgettext >/dev/null || { \
		echo "xgettext is missing: sudo apt-get install gettext"; exit 1; }
	$(PYTHON) manage.py makemessages --locale=da --locale=sv --locale=nb --no-obsolete \
		--add-location=file --ignore=.venv --ignore=.local --ignore=tests --ignore=staticfiles
	@python3 -I config/setup.py

lock: setup ## Write both locks anew from pyproject.toml (remove them first to upgrade all)
	.venv/bin/uv pip compile --generate-hashes --no-emit-index-url --universal \
		--python-version 3.11 --group local --group dev --quiet pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --generate-hashes --no-emit-index-url --universal \
		--python-version 3.11 --no-deps --group oracle --constraint requirements.lock \
		--quiet -o requirements-oracle.lock
	$(PYTHON) -m config.lock sign

docs: setup ## Draw docs/lifecycle.md from the code
	$(PYTHON) manage.py draw_lifecycle
