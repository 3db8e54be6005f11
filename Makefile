# Thin on purpose: every target is a script in scripts/.
.PHONY: run test lint bench fuzz

run:
	@exec scripts/run.sh

test:
	@exec scripts/test.sh

lint:
	@exec scripts/lint.sh

bench:
	@exec scripts/bench.sh

fuzz:
	@exec scripts/fuzz.sh
