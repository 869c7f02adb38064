# `make run` runs the product, `make test` passes all tests.
.PHONY: run test needs

# Embedded SQLite and a demonstration company in ./data; HTTPS as well, so that phones may use their cameras.
run: needs frontend/dist/index.html
	cargo run --release --quiet --bin zhidu -- serve --demo --https-listen 0.0.0.0:8443

test: needs
	tests/run

# The page, built anew when its sources changed.
frontend/dist/index.html: frontend/package-lock.json frontend/index.html frontend/vite.config.ts $(shell find frontend/src frontend/public -type f)
	cd frontend && npm ci --no-audit --no-fund && npm run build

needs:
	@command -v cargo >/dev/null || { echo "Zhidu needs Rust: https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "Zhidu needs a C compiler (Debian: apt-get install build-essential)."; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Zhidu needs Node 20 or newer."; exit 1; }
	@command -v pg_config >/dev/null || pkg-config --exists libpq || { echo "Zhidu needs libpq (Debian: apt-get install libpq-dev; macOS: brew install libpq)."; exit 1; }
