#!/bin/sh
# make run: install what is missing, build, start. PORT, DATA_DIR, DEMO, HOST and CLOCK_START
# choose how (see README.md).
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/install.sh
build_web || fail "the web could not be built (npm run build in web/, see above)"
target="${CARGO_TARGET_DIR:-target}"
[ -x "$target/serve/standalone" ] || say "首次编译，约需几分钟 (first build, takes a few minutes)"
cargo build --locked --profile serve --package standalone --bin standalone ||
    fail "the program could not be built (cargo build, see above)"
exec "$target/serve/standalone"
