# What a developer needs. Each target installs what it lacks; none needs more than Rust, Node 20+, git, make, a C compiler;
# `make test` also Python 3.10+ with venv, and curl; `make prove` and `make soak` a C++ compiler.
#
#   make run          build, then serve http://127.0.0.1:8080 with a demo organization
#   make test         everything that CI runs
#   make build        dist/tacho with the DuckDB library beside it; the folder can be moved anywhere
#   make fuzz         thousands of requests made from openapi.json
#   make bench        a table of the budgets of docs/PERFORMANCE.md, measured: 15 minutes
#   make prove        breaks a running server in every way of docs/RELIABILITY.md, and loads it: 15 minutes and its build
#   make soak         the same, many times more, with an hour of load
#   make screenshots  docs/screenshots/ from a demo server and an empty one

SHELL := /bin/bash
# Outside the clone, so that a fresh clone does not compile everything again.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/tacho/target
DATA_DIR ?= data
LISTEN ?= 127.0.0.1:8080
# What test-rust has built.
DEBUG_TACHO = $(CARGO_TARGET_DIR)/debug/tacho
NPM := npm --no-audit --no-fund --loglevel=error

.PHONY: run build test lint test-rust test-ui test-browser test-sdk test-api fuzz bench prove soak screenshots format openapi clean

run: build
	dist/tacho serve --demo --data-dir $(DATA_DIR) --listen $(LISTEN)

build: native/lib ui/dist/index.html
	cargo build --locked --release --bin tacho
	mkdir -p dist
	install -m 755 $(CARGO_TARGET_DIR)/release/tacho dist/tacho.new && mv dist/tacho.new dist/tacho
	install -m 644 native/lib/libduckdb.* dist/

test: lint test-rust test-ui test-browser test-sdk test-api

lint: native/lib ui/dist/index.html
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

test-rust: native/lib ui/dist/index.html
	scripts/install-nextest
	scripts/install-redis
	cargo nextest run --locked --workspace

test-ui: ui/node_modules
	cd ui && npm run check && npm test && npm run build && npm run size

# The pages in a real browser over the real server with demo data. The binary is the one that test-rust has built: a
# `cargo build` of its own would choose other features of shared dependencies and compile them all again.
test-browser: test-rust
	scripts/install-chromium
	scripts/with-demo-server $(DEBUG_TACHO) node ui/e2e/smoke.mjs

# The clients, and the client of tRPC from npm, against the server.
test-sdk: test-rust sdk/typescript/node_modules
	cd sdk/typescript && npm run check && TACHO_BIN=$(DEBUG_TACHO) npm test
	mypy=$$(scripts/venv mypy sdk/python/requirements-dev.txt)/bin/mypy && cd sdk/python && $$mypy && \
	  TACHO_BIN=$(DEBUG_TACHO) PYTHONPATH=src PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover --start-directory tests --top-level-directory .

# The commands of docs/API.md, and what openapi.json says, both on one demo server.
test-api: test-rust
	scripts/with-demo-server $(DEBUG_TACHO) bash -c 'scripts/check-api-guide && scripts/fuzz-api'

fuzz: test-rust
	scripts/fuzz-api $(DEBUG_TACHO)

bench: build
	bench/run budgets

# As root, who alone can mount the small disks that get full.
prove: build
	prove/run all
	prove/fuzz --seconds 12

soak: build
	prove/run all --crashes 500 --times 10 --held-minutes 60
	prove/fuzz --seconds 600

screenshots: build
	scripts/install-chromium
	rm -f docs/screenshots/*.png
	scripts/with-demo-server dist/tacho node ui/e2e/screenshots.mjs docs/screenshots
	scripts/with-empty-server dist/tacho node ui/e2e/screenshots.mjs docs/screenshots empty-

format:
	cargo fmt --all
	cd ui && npm run format

# After a change of the API: the committed description and what the web application makes of it.
openapi: native/lib ui/node_modules sdk/typescript/node_modules
	UPDATE_OPENAPI=1 cargo nextest run --locked -p tacho-api openapi
	cd ui && npm run generate:api
	cd sdk/typescript && npm run generate:types

native/lib: native/package-lock.json native/install
	native/install
	touch native/lib

# Not `npm ci`: a lock file written on one platform may lack the optional packages of another.
ui/node_modules sdk/typescript/node_modules: %/node_modules: %/package-lock.json
	cd $* && $(NPM) install
	touch $@

UI_SOURCES := $(shell find ui/src ui/public ui/build ui/index.html ui/vite.config.ts ui/package.json sdk/typescript/src -type f 2>/dev/null)
ui/dist/index.html: ui/node_modules $(UI_SOURCES)
	cd ui && npm run build
	touch ui/dist/index.html

clean:
	rm -rf dist ui/dist ui/node_modules sdk/typescript/dist sdk/typescript/node_modules native/lib native/node_modules
