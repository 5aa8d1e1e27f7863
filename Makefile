# Every target sets up .venv by itself when it is missing or older than the lock; uv comes from PyPI where there is none.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STACK ?= dev

.PHONY: preview test lint schema docs bench engine test-engine aws-simulator clean

preview: $(READY) ## what the dev environment would become, judged (STACK=prod for another)
	@$(BIN)/onramp preview $(STACK)

test: $(READY) ## all tests
	@$(BIN)/pytest -n auto

lint: $(READY) ## format, lint, types, and the arrows between rooms
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

schema: $(READY) ## write the JSON Schema of a stack file
	@$(BIN)/onramp schema > stack.schema.json

docs: $(READY) ## write docs/compute/ from the models, and docs/rules.md from the rules and what tests break of them
	@$(BIN)/python -m tests.policies.examples
	@$(BIN)/python -m onramp.reference

bench: $(READY) ## a preview against the plain SDK, and the pack against one policy per rule, with how its time grows; the gates, and whole rollouts, simulated
	@$(BIN)/python -m benchmarks.preview
	@$(BIN)/python -m benchmarks.rules
	@$(BIN)/python -m benchmarks.gates
	@$(BIN)/python -m benchmarks.rollouts

engine: $(READY) ## a working Pulumi engine: from PATH, the cache, the installer, or built with Go; says which and why
	@$(BIN)/python -m engine

test-engine: engine ## end to end on the real engine, with a stand-in for AWS
	@$(BIN)/pytest tests/e2e -m engine -n 2 --dist loadfile

aws-simulator: $(READY) ## an AWS simulator (moto) for the official aws provider; see docs/engine.md
	@$(BIN)/moto_server -H 127.0.0.1 -p 5555

$(READY): pyproject.toml uv.lock
	@PYTHON="$(PYTHON)" VENV=$(VENV) ./tools/setup
	@touch $@

clean:
	rm -rf $(VENV)
