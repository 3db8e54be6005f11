#!/bin/sh
# make fuzz: schemathesis over the OpenAPI document, as everybody in turn, against a site of its
# own. CASES an operation (100); no answer may be a failure of the server or outside the document.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/install.sh
build_web || fail "the web could not be built (npm run build in web/, see above)"
cargo build --quiet --locked --workspace --bins
tools="${CARGO_TARGET_DIR:-$PWD/target}/fuzz"
if [ ! -x "$tools/bin/schemathesis" ]; then
    say "安装 schemathesis (installing schemathesis)"
    python3 -m venv "$tools" && "$tools/bin/pip" install --quiet 'schemathesis==4.32.5' ||
        fail "schemathesis could not be installed: it needs python3 with venv, and the Python package registry"
fi

folder=$(mktemp -d)
export SITE="http://127.0.0.1:${PORT:-18081}"
PORT="${PORT:-18081}" HOST=127.0.0.1 DATA_DIR="$folder/data" BEHIND_PROXY=1 \
    "${CARGO_TARGET_DIR:-target}/debug/standalone" >"$folder/log" 2>&1 &
site=$!
trap 'kill "$site" 2>/dev/null; wait "$site" 2>/dev/null; rm -rf "$folder"' EXIT
say "启动站点 (starting a site)"
until grep -q demo-accounts.json "$folder/log"; do
    kill -0 "$site" 2>/dev/null || { cat "$folder/log"; fail "the site did not start (its log is above)"; }
    sleep 1
done

token_of() { # role
    python3 tests/fuzz/demo_token.py "$folder/data/demo-accounts.json" "$1" "$SITE"
}

failures=0
for role in anonymous resident branch_staff admin; do
    say "schemathesis: $role"
    ADMIN_TOKEN=$(token_of admin)
    export ADMIN_TOKEN
    [ "$role" = anonymous ] && set -- || set -- --header "Authorization: Bearer $(token_of "$role")"
    (cd "$folder" && PYTHONPATH="$OLDPWD/tests/fuzz" SCHEMATHESIS_HOOKS=hooks "$tools/bin/schemathesis" run \
        "$SITE/api/v1/openapi.json" "$@" --exclude-path-regex "/events$" --max-examples "${CASES:-100}" --continue-on-failure --request-timeout 60 \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
        --phases examples,coverage,fuzzing) >"$folder/$role.txt" 2>&1 || {
        failures=$((failures + 1))
        cat "$folder/$role.txt"
    }
    grep -E 'generated' "$folder/$role.txt"
done
[ "$failures" -eq 0 ]
