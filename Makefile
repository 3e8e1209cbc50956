# hagate: `make` prints the targets. Variables are documented in docs/reference.md.
SHELL := bash
export TARGET LABELS PROFILE KEEP WATCH FIX CONTEXT KIND_CONFIG RATE DURATION IMAGES AGENT_IMAGE OUT REPORT_LANG

# No C library: the programs run on any Linux, and the load agent is the only file of its image.
export CGO_ENABLED ?= 0

# What is compiled does not depend on where this folder is: a fresh clone finds it in the cache,
# and the images' programs find there what they share with hagate.
export GOFLAGS ?= -trimpath

.DEFAULT_GOAL := help

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test-ha: bin/hagate ## the gate: TARGET=dir PROFILE=quick|gate|full LABELS='drain || pod-loss' KEEP=1 WATCH=1 FIX=1
	@HAGATE_MAKE=1 exec bin/hagate test

test: lint unit integration e2e ## lint, unit, integration, and end-to-end on a real cluster: one of each kind

test-all: lint unit integration e2e-all ## every test

# What asks the kernel, without the libraries that take minutes to compile for another one.
ASKS_KERNEL = ./cluster/cpu ./cluster/engine ./cluster/preflight ./journal ./load/agent ./load/transport

lint: ## gofmt, go vet (for darwin too), staticcheck
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "gofmt -w these: $$unformatted"; exit 1; }
	go vet ./...
	go vet -tags e2e,integration ./...
	go tool staticcheck -tags e2e,integration ./...
	GOOS=darwin CGO_ENABLED=0 go vet $(ASKS_KERNEL)

unit: ## unit tests: they touch nothing outside this folder
	go test ./...

integration: ## tests with a container engine and a browser, which are installed where they are missing
	go test -tags integration ./load ./reports

e2e: bin/hagate ## end-to-end tests on a real cluster: one of each kind
	go test -tags e2e -short -count=1 -v -timeout 60m ./e2e

e2e-all: bin/hagate ## every end-to-end test
	go test -tags e2e -count=1 -v -timeout 120m ./e2e

trust: bin/hagate bin/trust ## play the corpus in cases/: N=3 M=10 BUSY=0.1 CASES=glob AGAIN=1 ALL=1
	@exec env N='$(N)' M='$(M)' BUSY='$(BUSY)' CASES='$(CASES)' AGAIN='$(AGAIN)' ALL='$(ALL)' bin/trust

trust-report: bin/trust ## write docs/trust.md from what make trust has played
	@bin/trust report

bench: ## benchmarks
	go test -run '^$$' -bench . -benchmem ./...

bench-load: ## what the load agent costs beside vegeta, on loopback: RATES="50 200 1000 5000" ROUNDS=3 SECONDS=10 OUTAGES=1000
	@go run ./cmd/benchload

demo: bin/hagate ## a first look: the report of a recorded run, without a cluster
	@bin/hagate demo

init: bin/hagate ## write a hagate.yaml for the manifests in a folder: TARGET=dir
	@bin/hagate init $(or $(TARGET),$(error TARGET=dir: name the folder of the manifests))

lint-target: bin/hagate ## check a target's manifests without a cluster: TARGET=dir
	@bin/hagate lint $(or $(TARGET),target/nginx)

dist: ## what is released, in dist/: static programs, bills of materials, an OCI image, checksums
	rm -rf dist
	go run ./cmd/dist dist

doctor: bin/hagate ## what this machine has, what is missing, and the fix
	@bin/hagate doctor

recover: bin/hagate ## undo what a run that died left behind
	@bin/hagate recover

report: bin/hagate ## render a run's reports again from its record: RUN=folder, against BASE=folder
	@bin/hagate report $(or $(RUN),reports/out/latest) $(BASE)

uplot: ## take another release of the report's chart library: VERSION=1.6.32 (needs npm)
	cd $$(mktemp -d) && npm pack uplot@$(VERSION) && tar xzf uplot-*.tgz && cp package/LICENSE package/dist/uPlot.iife.min.js package/dist/uPlot.min.css $(CURDIR)/reports/uplot/

module: ## change what the images are built from: M=node GET=go.etcd.io/etcd/server/v3@v3.6.5
	dir=$$(mktemp -d) && from=$(CURDIR)/cluster/images/_modules/$(M) && cp -r $$from/. $$dir && cd $$dir && mv module.mod go.mod && mv module.sum go.sum && \
		go get $(GET) && go mod tidy && cp go.mod $$from/module.mod && cp go.sum $$from/module.sum

down: bin/hagate ## delete clusters that KEEP=1 left up
	@bin/hagate down

clean: bin/hagate ## delete kept clusters, hagate's own engine's processes, and what was built
	-@bin/hagate clean
	rm -rf bin dist

bin/hagate: FORCE
	@CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w" -o cluster/images/agent/agent ./cmd/agent
	@CGO_ENABLED=0 go build -buildvcs=auto -trimpath -ldflags "-s -w -X hagate.described=$$(git describe --always --dirty 2>/dev/null)" -o $@ ./cmd/hagate

bin/trust: FORCE
	@go build -o $@ ./cmd/trust

FORCE:
.PHONY: help test-ha test test-all lint unit integration e2e e2e-all trust trust-report bench bench-load demo init lint-target dist doctor recover report uplot module down clean FORCE
