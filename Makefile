# The two commands: `make results` and `make test`. Both set up .venv from requirements.lock first.
PYTHON ?= python3
VENV := .venv
UMAP := .umap
BIN := $(VENV)/bin
CORES ?= all

.PHONY: results test test-umap check lint docs lock benchmark clean help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

# --no-deps: the lock is complete, and two packages declare sentence-transformers (torch), which it leaves out.
$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Makefile: Python 3.11, 3.12 or 3.13 is needed (found {v[0]}.{v[1]}). Name one: make PYTHON=python3.12 results")'
	@echo "Setting up $(VENV) from requirements.lock: about a minute, once."
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

results: $(VENV)/installed ## run the studies named in config/config.yaml, or one: make results STUDY=data/my-study
	$(BIN)/snakemake --cores $(CORES) $(if $(STUDY),--config 'studies=["$(STUDY)"]')

test: $(VENV)/installed ## run the tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# UMAP is not in .venv: bertopic imports it wherever it finds it, which takes seconds in every run.
$(UMAP)/installed: requirements-umap.lock $(VENV)/installed
	rm -rf $(UMAP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target $(UMAP) -r requirements-umap.lock
	touch $@

test-umap: $(UMAP)/installed ## run the tests of `themes: {method: hdbscan}`, which needs UMAP
	PYTHONPATH=$(UMAP) $(BIN)/python -c "import umap"
	PYTHONPATH=$(UMAP) $(BIN)/python -m pytest tests/test_themes_model.py -k hdbscan

lint: $(VENV)/installed ## ruff, snakefmt, snakemake --lint and the type check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/mypy

check: lint test ## everything that must hold before a commit

docs: $(VENV)/installed ## write again what is made from the code: results/README.md
	$(BIN)/python -m qualcode.tables > results/README.md

lock: ## make requirements.lock again, for Linux, macOS and Windows
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 --output-file requirements.lock
	echo "umap-learn>=0.5.12,<0.6" | uv pip compile --no-config - --constraint requirements.lock --universal --generate-hashes --python-version 3.11 $(patsubst %,--no-emit-package %,cloudpickle colorama joblib llvmlite narwhals numpy scikit-learn scipy threadpoolctl tqdm) --output-file requirements-umap.lock

benchmark: $(UMAP)/installed ## the benchmarks, as in benchmarks/README.md
	$(BIN)/python benchmarks/run.py --write
	$(BIN)/python benchmarks/imports.py --write
	$(BIN)/python benchmarks/identifiers.py --write
	$(BIN)/python benchmarks/rules.py --write
	$(BIN)/python benchmarks/find.py --write
	$(BIN)/python benchmarks/member_checks.py --write
	$(BIN)/python benchmarks/accuracy.py --write
	$(BIN)/python benchmarks/suggestions.py --write
	PYTHONPATH=$(UMAP) $(BIN)/python benchmarks/themes.py --write
	$(BIN)/python benchmarks/embeddings.py --write

clean: ## remove what the commands made, not what people wrote
	rm -rf .snakemake .cache results/*/ logs
