# article: everything from a fresh clone to site/index.html.  test: the test suite.  test-full: the same and the long checks.
# check: lint, types and the tests that a change concerns, in less than a minute.
# real-model: fetches SmolLM2-135M-Instruct (98 MB) for the run `circuit`, those that end in `-real`, and test-full.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# Material prints a notice about the future of MkDocs on every build; pyproject.toml pins what works.
export NO_MKDOCS_2_WARNING := 1

.PHONY: article check lint test test-full test-lowest travel real-model bundle check-bundle lock clean

article: $(VENV)/.article
	$(BIN)/lensdoc run
	$(BIN)/mkdocs build --strict
	@echo "The article is in site/index.html; to read it as on the web: $(BIN)/python -m http.server --directory site"

check: $(VENV)/.test
	$(BIN)/python tests/check.py

# Processes of tests: tests also wait for browsers and kernels, so two for each core of a machine with two.
TEST_PROCESSES ?= 4

# Tests start hundreds of processes that import lensdoc. Where Python may not keep what it compiled each compiles it anew: a small
# build takes 1.1 CPU seconds and not 0.8, and to collect the tests takes longer too.
check test test-full: export PYTHONDONTWRITEBYTECODE :=

PYTEST = LENSDOC_CHROMIUM="$$(sh tests/find_chromium.sh)" && export LENSDOC_CHROMIUM && $(BIN)/python -m pytest
BESIDE := -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

test: lint
	$(PYTEST) $(BESIDE)

# Those that measure time come last, and nothing runs beside them.
test-full: real-model travel check-bundle lint test-lowest
	$(PYTEST) --full $(BESIDE) -m "not alone"
	$(PYTEST) --full -m alone $$(grep -l mark.alone tests/test_*.py)

# The lowest versions that pyproject.toml allows, in .lensdoc/lowest, and a part of the tests with them.
test-lowest: $(VENV)/.test
	$(BIN)/python tests/lowest.py

# JupyterLab, marimo and MyST in .lensdoc/travel, for long tests that show figures in them; without them these are skipped.
travel: $(VENV)/.test
	$(BIN)/python tests/travel.py

real-model: $(VENV)/.python
	$(BIN)/python tests/real_model.py

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit("the versions in constraints.txt need Python 3.11.5 or newer, this is %d.%d.%d; say which: make PYTHON=python3.12" % sys.version_info[:3] if sys.version_info < (3, 11, 5) else 0)'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.article: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP) -e '.[all]'
	touch $@

$(VENV)/.test: $(VENV)/.article tests/requirements.txt
	$(PIP) -r tests/requirements.txt
	touch $@

# For those who change lensdoc/explorables/web/ (needs Node 20); users and authors need only what is committed.
bundle:
	cd lensdoc/explorables/web && npm ci --silent && npm run --silent check && npm run --silent lint && npm run --silent test && \
	npm run --silent build

# Types, lint and tests of the script, and whether the committed bundle is the one that is built from it.
check-bundle: bundle
	git diff --exit-code --stat -- lensdoc/explorables/assets
	! git ls-files --others --exclude-standard -- lensdoc/explorables/assets | grep .

# After a change of pyproject.toml or constraints.txt: what .github/workflows/pages.yml installs, with hashes, and what builds lensdoc;
# and the lowest versions that pyproject.toml allows.
lock: $(VENV)/.python
	$(PIP) uv
	echo hatchling | UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile pyproject.toml - --extra site --universal \
	  --python-version 3.11.5 --generate-hashes --no-annotate --quiet -c constraints.txt -o .github/requirements.txt
	$(BIN)/python tests/lowest.py lock

clean:
	rm -rf $(VENV) site .lensdoc
