# make help lists the targets. Each installs what it lacks: Debian packages through apt-get, tools
# as pinned modules into .cache/bin. Go 1.26 must be there.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help tamper lighthouse run build build-nodes test histories soak soak-exchange soak-figures drill scan lint bench clean

# One setting for builds and tests, so that they share the build cache.
export CGO_ENABLED := 0
export GOTOOLCHAIN := local

STANDALONE := bin/haochaping-standalone

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: build ## build and start everything in one process; Ctrl-C stops it (ARGS= are handed on)
	@HAOCHAPING_SIMULATE=$${HAOCHAPING_SIMULATE:-yes} exec $(STANDALONE) $(ARGS)

build: ## build the product with everything inside into bin/ (first time about 4 minutes)
	@scripts/build.sh standalone $(STANDALONE)

build-nodes: ## build haochaping for separate nodes (api, worker, migrate, admin ...) into bin/
	@scripts/build.sh cmd/haochaping bin/haochaping
	@scripts/build.sh cmd/haochaping-verify bin/haochaping-verify

test: ## run every test: units, SQLite, MariaDB, the engine, end to end (ARGS= go to go test)
	@scripts/test.sh $(ARGS)

histories: ## record the workflow histories that workflows/testdata lacks, one a path
	@cd standalone && go test -count=1 -run '^TestPaths$$' ./e2e -write-histories

CASES ?= 100000
soak: soak-exchange soak-figures ## play 100,000 random cases against the invariants (CASES=, SEED=); takes hours
	@HAOCHAPING_SIMULATED_CASES=$(CASES) HAOCHAPING_SIMULATION_SEED=random go test -count=1 -v -timeout 48h ./worker -run '^TestSimulation$$' -rapid.seed=$(or $(SEED),0)

RATINGS ?= 10000000
soak-figures: ## count RATINGS= ratings (10 million) on both databases, recount them, ask for figures and dashboards, seal the months; takes hours
	@MARIADB_POOL=3G $(MAKE) --no-print-directory bench ARGS="--only figures --ratings $(RATINGS)"

MINUTES ?= 10
RATE ?= 50
soak-exchange: build ## take the provincial platform away for MINUTES= while RATE= ratings a second come; none may be lost
	@mkdir -p .cache/bench
	@$(STANDALONE) soak-exchange --minutes $(MINUTES) --rate $(RATE) --dir .cache/bench

lint: ## check style, what workflows may call, and the scripts
	@scripts/lint.sh

drill: build ## play a quarter of the prefecture in about 90 seconds and check everything (ARGS= are handed on)
	@exec $(STANDALONE) drill $(ARGS)

RATERS ?= 2000
tamper: ## tamper with the database N= times at random (10,000) and hold it against the last checkpoint: what is found, what is named
	HAOCHAPING_TAMPERINGS=$(or $(N),10000) go test ./store -run 'TestTamperings/sqlite' -v -count 1 -timeout 2h

scan: ## plant 2,000 raters (RATERS=), run the whole product, search everything for them; then try to link raters to ratings
	@cd standalone && go test -count=1 -v -timeout 4h -run '^TestScan$$' ./e2e -args -raters $(RATERS)
	@go test -count=1 -v -timeout 1h -run '^TestLinkage$$' ./api

bench: build ## measure against the bare engine and the bare database, on SQLite and MariaDB
	@scripts/bench.sh $(ARGS)

lighthouse: build ## audit the citizens' pages with Lighthouse in the local Chromium (ARGS= other paths)
	@scripts/lighthouse.sh $(ARGS)

clean: ## stop and delete what make made: bin/, .cache/, .mariadb/ (never data/)
	@scripts/mariadb.sh clean
	@rm -rf bin .cache
