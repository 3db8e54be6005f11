# shellcheck shell=sh
# Shared by the scripts; sourced from the root of the checkout.

# Programs that were installed without root (see install.sh) are looked for here.
ENGINES_DIR="${ENGINES_DIR:-$PWD/.engines}"
export ENGINES_DIR

say() { printf '· %s\n' "$*"; }

fail() {
    printf 'changqing: %s\n' "$*" >&2
    exit 1
}

# A number for the content of the given files and folders, without what is built or installed.
fingerprint() {
    find "$@" \( -name node_modules -o -name build -o -name .svelte-kit \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 cksum | cksum
}

has_script() { # folder, name of the npm script
    node -e 'process.exit(require(process.argv[1]).scripts?.[process.argv[2]] ? 0 : 1)' \
        "$PWD/$1/package.json" "$2"
}

# Installs the node modules of a folder, only when its lock file has changed since.
install_modules() { # folder
    [ -f "$1/package-lock.json" ] || return 0
    stamp="$1/node_modules/.installed"
    now=$(cksum <"$1/package-lock.json")
    [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return 0
    say "安装网页依赖 (npm ci in $1)"
    npm ci --prefix "$1" --no-audit --no-fund --no-update-notifier || return 1
    printf '%s\n' "$now" >"$stamp"
}

# Builds the web, only when its sources have changed since.
build_web() {
    [ -f web/package.json ] || return 0
    stamp=web/node_modules/.built
    now=$(fingerprint web)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && [ -d web/learner/build ] && [ -d web/office/build ]; then
        return 0
    fi
    say "构建网页 (building the web)"
    npm run build --prefix web || return 1
    printf '%s\n' "$now" >"$stamp"
}
