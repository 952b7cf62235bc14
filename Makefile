# Two commands for people: `make demo` and `make test`. `make check` is everything that CI checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN ?= configs/digits.yaml
# Newer builds of torch for Linux bring gigabytes of CUDA along; the tests need none.
TORCH ?= torch==2.13.0
# The same TensorFlow without what serves GPUs.
TENSORFLOW ?= tensorflow-cpu==2.21.0

.PHONY: demo test test-slow check lint types bench bench-search clean

demo: $(VENV)/installed
	$(BIN)/hpsearch run $(RUN)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(VENV)/installed-frameworks
	$(BIN)/python -m pytest -m slow --timeout 1200

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

check: lint types test test-slow

bench: $(VENV)/installed
	$(BIN)/python benchmarks/overhead.py --install-optuna
	$(BIN)/python benchmarks/commands.py

bench-search: $(VENV)/installed
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/search.py --seeds 3 --procs 2 --install-optuna

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-frameworks: $(VENV)/installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dask,sklearn,pytorch,boosting]' $(TORCH) $(TENSORFLOW)
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
