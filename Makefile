# `make run` runs the product, `make test` passes all tests.
.PHONY: run test

run:
	cargo run --release --bin zhidu -- serve

test:
	tests/run
