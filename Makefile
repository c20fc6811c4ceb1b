# Every recipe runs the node of node_modules: the system's may be years older (the sources need TypeScript stripping and Temporal).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
# npm replaces node_modules: it must not run from inside.
OUTSIDE_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

INSTALLED := node_modules/.package-lock.json

.PHONY: help demo sandbox test faults lint generate verify format clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(INSTALLED) ## Play a match day on a real control plane, with simulated Braze and football-data, in about two minutes
	@node sandbox/demo/main.ts $(ARGS)

sandbox: $(INSTALLED) ## Keep such a sandbox running and print its kubeconfig, until Ctrl-C
	@node sandbox/main.ts $(ARGS)

test: lint verify ## Lint, verify, then all tests; the last line counts them
	@echo "test: unit tests, then those that need an API server (the first run builds promtool and the server: about a quarter of an hour, cached afterwards)"
	@vitest run

faults: $(INSTALLED) ## Kill and confuse real operators, and count what fans were told (CAMPAIGN=all; RUNS, SEED, LANES, MINUTES, ONLY)
	@CAMPAIGN='$(CAMPAIGN)' RUNS='$(RUNS)' SEED='$(SEED)' LANES='$(LANES)' MINUTES='$(MINUTES)' ONLY='$(ONLY)' node test/faults/main.ts

lint: $(INSTALLED) ## Style, types, layering, dead code
	@echo "lint: style, types, layering, dead code"
	@npm run --silent lint

generate: $(INSTALLED) ## Write the CRDs and the references in docs from the sources
	@npm run --silent generate

verify: $(INSTALLED) ## Fail when a generated file is not what the sources say
	@echo "verify: generated files"
	@npm run --silent verify

format: $(INSTALLED) ## Format everything and apply the safe fixes
	@npm run --silent format

clean: ## Remove what was installed into and built in the checkout (caches outside it stay)
	rm -rf node_modules coverage run

$(INSTALLED): package.json package-lock.json
	@echo "install: npm ci (Node 26 and the libraries; some seconds)"
	@PATH='$(OUTSIDE_PATH)' npm ci --loglevel=error
	@touch $@
