# Thin fronts. What they do is in Python: `manage.py up`, pytest, `misc/`.
PYTHON ?= python3
VENV := .venv/bin
COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate

.DEFAULT_GOAL := help
.PHONY: help run test vendor screenshots test-ui test-api test-chaos test-deep bench chaos check format lock hooks .venv

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv ## Run everything on this machine (PORT, FLOWER_PORT, DATA_DIR, WORKERS, FLOWER=0)
	@exec $(VENV)/python manage.py up

test: .venv ## Run the tests
	@exec $(VENV)/python -m pytest -n 3 --dist loadgroup -m "not chaos"

test-ui: export UI_LOOKS = all
test-ui: .venv ## Look at all pages in a browser: light and dark, wide and narrow, with and without JavaScript
	@exec $(VENV)/python -m pytest -n 2 --dist loadgroup -k browser dashboard

test-api: export DEVELOPMENT = 1
test-api: .venv ## Hold the API against its document with thousands of requests, and write misc/contract/RESULTS.md (SHORT=1)
	@exec $(VENV)/python -m misc.contract

test-chaos: .venv ## Run a short form of `make chaos`, and prove that its audit can fail
	@exec $(VENV)/python -m pytest -m chaos misc/chaos

chaos: export DEVELOPMENT = 1
chaos: .venv ## Break a stack in every way while it works, two at a time, then audit it (SEED, SHORT=1, BROKER=rabbitmq)
	@exec $(VENV)/python -m misc.chaos

bench: .venv ## Measure, and write misc/benchmarks/RESULTS.md (NAME=recurrence for one benchmark)
	@exec $(VENV)/python -m misc.benchmarks $(NAME)

test-deep: export DEVELOPMENT = 1
test-deep: export RECURRENCE_RULES ?= 7700
test-deep: export PDF_SAMPLES ?= 100
test-deep: .venv ## Compare 100,000 random rules with a slow reading of RFC 5545, 100,000 with their descriptions, and read the tables of 200 PDFs (an hour; RECURRENCE_RULES per kind)
	exec $(VENV)/python -m pytest -n 2 schedules/recurrence/tests/test_oracle.py schedules/recurrence/tests/test_oracle_sets.py schedules/recurrence/tests/test_description_read_back.py operations/pdf/tests/test_tables.py

check: export DEVELOPMENT = 1
check: .venv ## Check style, types, architecture, migrations and the commands in the documentation
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/python manage.py makemigrations --check --dry-run
	$(VENV)/python misc/check_docs.py

format: .venv ## Format the code and fix what can be fixed automatically
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

lock: .venv ## Resolve requirements*.in into requirements*.txt (LOCK_OPTIONS=--upgrade for newer versions)
	$(COMPILE) $(LOCK_OPTIONS) -o requirements.txt requirements.in
	$(COMPILE) $(LOCK_OPTIONS) -c requirements.txt -o requirements-pdf.txt requirements-pdf.in
	$(COMPILE) $(LOCK_OPTIONS) -c requirements.txt -o requirements-redshift.txt requirements-redshift.in
	$(COMPILE) $(LOCK_OPTIONS) -c requirements.txt -o requirements-s3.txt requirements-s3.in
	$(COMPILE) $(LOCK_OPTIONS) -c requirements.txt -c requirements-pdf.txt -o requirements-dev.txt requirements-dev.in
	$(COMPILE) $(LOCK_OPTIONS) -c requirements.txt -o misc/benchmarks/peers/requirements.txt misc/benchmarks/peers/requirements.in

vendor: .venv ## Bring the files of others that the pages use, in the versions of VENDOR.toml, from npm
	@exec $(VENV)/python -m misc.vendor

screenshots: export DEVELOPMENT = 1
screenshots: .venv ## Take the pictures of pages in docs/images, from a stack of their own
	@exec $(VENV)/python -m misc.screenshots

hooks: ## Make git run the checks before a commit and the tests before a push
	@hooks="$$(git rev-parse --git-path hooks)" && mkdir -p "$$hooks" && for hook in pre-commit pre-push; do \
		printf '#!/bin/sh\nexec sh misc/%s.sh "$$@"\n' "$$hook" > "$$hooks/$$hook" && chmod +x "$$hooks/$$hook"; \
	done

.venv:
	@$(PYTHON) misc/venv.py
