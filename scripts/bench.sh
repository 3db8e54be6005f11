#!/bin/sh
# make bench: ratios against this machine's own baselines, from one run of the optimised build.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/install.sh
build_web || fail "the web could not be built (npm run build in web/, see above)"
exec cargo run --quiet --locked --release --package tests --bin bench -- "$@"
