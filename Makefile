PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FUZZ_SECONDS := 60

.DEFAULT_GOAL := help
.PHONY: help demo test stress fuzz lint lock evaluate bench docs refill picture sigma clean browser servers

help: ## Show what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kg needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --no-compile --no-deps -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed requirements-test.lock requirements-docs.lock
	$(PIP) install --no-compile --no-deps -r requirements-test.lock -r requirements-docs.lock
	@touch $@

demo: $(VENV)/installed ## Install, build the graph of seeds/, ask it a question
	$(BIN)/kg build seeds -o kg-out
	$(BIN)/kg query papers-sharing-techniques-with-a-paper -g kg-out --format table
	@echo
	@echo "The page:    kg-out/graph.html   (open it in a browser)"
	@echo "The Turtle:  kg-out/graph.ttl"
	@echo "Ask more:    $(BIN)/kg queries"

test: $(VENV)/installed-test browser ## Install and run all tests
	$(BIN)/python -m pytest -n 2

browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-driver raptor2-utils serdi) >/dev/null 2>&1 || true; \
	else echo "no Chromium here: the tests that need a browser will be skipped"; fi

stress: $(VENV)/installed-test ## Kill builds, read papers that mean harm: tests that take minutes
	KG_STRESS=1 $(BIN)/python -m pytest tests/test_stress.py

fuzz: $(VENV)/installed-test ## Look for inputs that break kg (FUZZ="reading query"; FUZZ_SECONDS=600 for each)
	$(PIP) install 'atheris==3.0.0'
	for target in $(or $(FUZZ),$$($(BIN)/python -m tests.fuzz)); do $(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; done

lint: $(VENV)/installed-test ## Check format, style and types
	$(PIP) install 'ruff==0.17.6' 'mypy>=1.18'
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

evaluate: $(VENV)/installed-test ## Score the extraction on ../shared/gold
	$(BIN)/kg evaluate ../shared/gold/dev.jsonl
	$(BIN)/python -m tests.benchmarks.keyphrases tf-idf kg-tagger --sets inspec

$(BENCH)/installed: requirements.lock requirements-test.lock requirements-bench.in pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --no-deps -r requirements.lock -r requirements-test.lock
	$(BENCH)/bin/python -m pip install --quiet -c requirements.lock -c requirements-test.lock -r requirements-bench.in \
	|| echo "torch, KeyBERT and transformers could not be installed: they are left out"
	$(BENCH)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

servers:
	@command -v virtuoso-t >/dev/null && test -f /usr/share/java/jena-tdb2.jar || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	    default-jre-headless libapache-jena-java virtuoso-opensource-7-bin) >/dev/null 2>&1 || true; fi

bench: $(BENCH)/installed servers browser ## Measure kg beside other programs (docs/benchmarks.md; BENCH_OPTIONS=--help)
	$(BENCH)/bin/python -m tests.benchmarks $(BENCH_OPTIONS)

$(VENV)/installed-docs: $(VENV)/installed requirements-docs.lock
	$(PIP) install --no-compile --no-deps -r requirements-docs.lock
	@touch $@

docs: $(VENV)/installed-docs ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "The pages:   site/index.html   (open it in a browser)"

refill: $(VENV)/installed ## Run what README.md and docs/ show, and write what it prints into them
	$(BIN)/python docs/refill.py

picture: $(VENV)/installed-test browser ## Take the pictures of the page and of the explorer
	$(PIP) install pillow
	$(BIN)/python docs/make_picture.py kg-out/graph.html docs/network.png method/speculative-decoding
	$(BIN)/python docs/make_screenshots.py kg-out docs

sigma: ## Bundle what draws large networks by WebGL (needs npm)
	cd kg/network/assets/webgl && npm install --no-package-lock --no-audit --no-fund && npm run build && rm -r node_modules

lock: ## Renew the locked versions (needs uv)
	uv pip compile requirements.in -q --no-header --no-annotate --python-version 3.11 --upgrade -o requirements.lock
	echo "keybert==0.9.0" >> requirements.lock && sort -o requirements.lock requirements.lock
	uv pip compile requirements-test.in -c requirements.lock -q --no-header --no-annotate --python-version 3.11 -o requirements-test.all
	sort requirements-test.all | comm -13 requirements.lock - > requirements-test.lock && rm requirements-test.all
	uv pip compile requirements-docs.in -c requirements.lock -q --no-header --no-annotate --python-version 3.11 -o requirements-docs.all
	sort requirements-docs.all | comm -13 requirements.lock - > requirements-docs.lock && rm requirements-docs.all

clean: ## Remove what was installed and built
	rm -rf $(VENV) $(BENCH) .fuzz kg-out site build dist .pytest_cache .mypy_cache .ruff_cache
