#!/bin/sh
# make lint: formatting, clippy, and the web's own checks. Every check runs; the last line of a
# failing one starts with "lint failed".
set -u
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

failures=0
check() { # name, command…
    name="$1"
    shift
    say "$name"
    "$@" || {
        printf 'lint failed: %s\n' "$name"
        failures=$((failures + 1))
    }
}

check "cargo fmt" cargo fmt --all --check
check "cargo clippy" cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
if [ -f web/package.json ]; then
    check "npm ci" install_modules web
    for script in lint check; do
        if has_script web "$script"; then
            check "web $script" npm run --silent --prefix web "$script"
        fi
    done
    check "npm ci (browser tests)" install_modules tests/browser
    check "browser tests: prettier" web/node_modules/.bin/prettier --check tests/browser
    check "browser tests: tsc" web/node_modules/.bin/tsc -p tests/browser
fi
[ "$failures" -eq 0 ]
