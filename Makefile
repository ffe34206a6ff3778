# What a developer needs. Each target installs what it lacks; none needs more than Rust, Node 20+, git, make, a C compiler.
#
#   make run          build, then serve http://127.0.0.1:8080 with a demo organization
#   make test         everything that CI runs
#   make build        dist/tacho with the DuckDB library beside it; the folder can be moved anywhere
#   make bench        the ingest measurements of docs/PERFORMANCE.md
#   make screenshots  docs/screenshots/ from a demo server

SHELL := /bin/bash
# Outside the clone, so that a fresh clone does not compile everything again.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/tacho/target
DATA_DIR ?= data
LISTEN ?= 127.0.0.1:8080
NPM := npm --no-audit --no-fund --loglevel=error

.PHONY: run build test lint test-rust test-ui test-browser bench screenshots format openapi clean

run: build
	dist/tacho serve --demo --data-dir $(DATA_DIR) --listen $(LISTEN)

build: native/lib ui/dist/index.html
	cargo build --locked --release --bin tacho
	mkdir -p dist
	install -m 755 $(CARGO_TARGET_DIR)/release/tacho dist/tacho.new && mv dist/tacho.new dist/tacho
	install -m 644 native/lib/libduckdb.* dist/

test: lint test-rust test-ui test-browser

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
	scripts/with-demo-server $(CARGO_TARGET_DIR)/debug/tacho node ui/e2e/smoke.mjs

bench: build
	bench/run

screenshots: build
	scripts/install-chromium
	scripts/with-demo-server dist/tacho node ui/e2e/screenshots.mjs docs/screenshots

format:
	cargo fmt --all
	cd ui && npm run format

# After a change of the API: the committed description and what the web application makes of it.
openapi: native/lib ui/node_modules
	UPDATE_OPENAPI=1 cargo nextest run --locked -p tacho-api openapi
	cd ui && npm run generate:api

native/lib: native/package-lock.json native/install
	native/install
	touch native/lib

# Not `npm ci`: a lock file written on one platform may lack the optional packages of another.
ui/node_modules: ui/package-lock.json
	cd ui && $(NPM) install
	touch ui/node_modules

UI_SOURCES := $(shell find ui/src ui/public ui/index.html ui/vite.config.ts ui/package.json -type f 2>/dev/null)
ui/dist/index.html: ui/node_modules $(UI_SOURCES)
	cd ui && npm run build
	touch ui/dist/index.html

clean:
	rm -rf dist ui/dist ui/node_modules native/lib native/node_modules
