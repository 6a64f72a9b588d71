# Two commands set everything up: `make verify` and `make test`. Both create .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REPORT := report

.PHONY: verify test test-slow lint docs audit audit-sample audit-sampling soundness clean

verify: $(VENV)/.installed
	mkdir -p $(REPORT)
	$(BIN)/crossproof verify --json $(REPORT)/verdicts.json --html $(REPORT)/report.html
	@echo "report: $(CURDIR)/$(REPORT)/report.html"

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

# What takes more than ten seconds each: kills, clusters, whole runs, samples of claims of known truth.
test-slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile -m slow

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p $(VENV)/typed && ln -sfn ../.. $(VENV)/typed/crossproof
	cd $(VENV)/typed && ../bin/mypy --config-file ../../pyproject.toml
	cd $(VENV)/typed && ../bin/lint-imports --no-cache ../../pyproject.toml

# The documentation as a site, in build/site; a link that leads nowhere is an error.
docs: $(VENV)/.installed-test
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

audit: $(VENV)/.installed
	$(BIN)/crossproof audit

audit-sample: $(VENV)/.installed
	$(BIN)/crossproof audit --sample 40

# What Monte Carlo sees when it is asked alone, on claims about gradients, covariances, drifts and diffusions.
audit-sampling: $(VENV)/.installed
	$(BIN)/crossproof audit 003.prop3.2.cov 003.prop3.3.grad 003.prop3.3.diffusion 003.eq2 003.eq5 003.e.label 003.eq6.repaired \
		--kind monte-carlo --sample 20 --least 0.95

# Claims of known truth, drawn anew.
soundness: $(VENV)/.installed-test
	$(BIN)/python benchmarks/soundness.py --count 10000 --effort quick

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,lint,docs]'
	touch $@

clean:
	rm -rf $(VENV) $(REPORT) build *.egg-info
