#!/bin/sh
# make test: everything, from formatting to browser tests. The closing line counts tests of Rust
# and of the browser; a check or build that fails counts as one failed.
set -u
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

passed=0
failed=0
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT

close() {
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
    exit
}

number() { # before a word, in the file's last such line; 0 when there is none
    value=$(grep -oE "[0-9]+ $1" "$2" | tail -n 1 | grep -oE '^[0-9]+')
    echo "${value:-0}"
}

# Runs a command with its output on the terminal and in a file; keeps its exit status.
record() { # file, command…
    file="$1"
    shift
    { "$@" 2>&1; echo $? >"$file.status"; } | tee "$file"
    return "$(cat "$file.status")"
}

rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        record "$report/rust" cargo nextest run --locked --workspace --no-fail-fast
        status=$?
        grep -E '^ *Summary \[' "$report/rust" | tail -n 1 >"$report/summary"
        passed=$((passed + $(number passed "$report/summary")))
        bad=$(($(number failed "$report/summary") + $(number 'timed out' "$report/summary") + $(number 'exec failed' "$report/summary")))
    else
        record "$report/rust" cargo test --locked --workspace --no-fail-fast
        status=$?
        passed=$((passed + $(awk '/^test result:/ {sum += $4} END {print sum + 0}' "$report/rust")))
        bad=$(awk '/^test result:/ {sum += $6} END {print sum + 0}' "$report/rust")
    fi
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    failed=$((failed + bad))
}

browser_tests() {
    [ -f tests/browser/playwright.config.ts ] || return 0
    install_modules tests/browser || {
        failed=$((failed + 1))
        return
    }
    [ -d tests/browser/node_modules ] && home=tests/browser || home=web
    # What has just been built, not what an earlier `make run` left.
    program="${CARGO_TARGET_DIR:-$PWD/target}/debug/standalone"
    (cd "$home" && STANDALONE_BIN="$program" PLAYWRIGHT_JSON_OUTPUT_NAME="$report/browser.json" \
        npx --no-install playwright test --reporter=list,json \
        --config "$OLDPWD/tests/browser/playwright.config.ts")
    status=$?
    counts=$(node -e '
        const { stats } = JSON.parse(require("fs").readFileSync(process.argv[1]));
        console.log(stats.expected, stats.unexpected + stats.flaky);
    ' "$report/browser.json" 2>/dev/null || echo "0 0")
    passed=$((passed + ${counts% *}))
    bad=${counts#* }
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    failed=$((failed + bad))
}

scripts/install.sh test || {
    failed=1
    close
}
build_web || failed=$((failed + 1))
record "$report/lint" scripts/lint.sh || failed=$((failed + $(grep -c '^lint failed' "$report/lint")))
say "测试 (tests)"
rust_tests
say "浏览器测试 (browser tests)"
cargo build --quiet --locked --workspace --bins || failed=$((failed + 1))
browser_tests
close
