# One word for everyone who works here: `make check` formats, lints, checks types and tests.
.PHONY: check format lint types test golden

check: format lint types test

format:
	python -m ruff format .

lint:
	python -m ruff format --check .
	python -m ruff check .

types:
	python -m mypy

test:
	python -m pytest -n auto

# On purpose only: what is read on the samples today becomes what the tests expect.
golden:
	python -m pytest -q -p no:xdist tests/test_golden.py --rewrite-golden
