#!/bin/sh
# make bench: ratios against this machine's own baselines, from one run of the optimised build,
# then what a slow phone waits for. `make bench ONLY=name` measures one of the former.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/install.sh test
build_web || fail "the web could not be built (npm run build in web/, see above)"
install_modules tests/browser || fail "the browser tests could not be installed (npm ci in tests/browser, see above)"
cargo build --quiet --locked --release --workspace --bin bench --bin standalone
target="${CARGO_TARGET_DIR:-target}/release"
"$target/bench" ${ONLY:+"$ONLY"}
[ -z "${ONLY:-}" ] || exit 0
say "慢手机 (a slow phone: 1.6 Mbit/s, 150 ms, a sixth of this processor)"
SPEED=1 STANDALONE_BIN="$(realpath "$target/standalone")" \
    npx --no-install --prefix tests/browser playwright test --reporter=list --project=speed \
    --config tests/browser/playwright.config.ts
