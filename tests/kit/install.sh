#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install what a group of work needs on Debian 12, and say so: install.sh run [test] [bench]
#
# Packages that dpkg already knows as installed cost one look, so a second
# start costs nothing. Python packages go into build/venv, pinned by version and
# hash; a stamp with the checksum of the pins says when that has been done.
# apache2-bin, never apache2: that one would start a server on port 80.
set -eu
cd "$(dirname "$0")/../.."

say() {
    printf 'install: %s\n' "$*"
}

die() {
    say "$*" >&2
    exit 1
}

packages_of() {
    case $1 in
    run)
        echo gcc libc6-dev make apache2-bin apache2-dev libapache2-mod-auth-openidc \
            libjson-c-dev libcurl4-openssl-dev libssl-dev \
            python3 python3-venv curl ca-certificates openssl util-linux
        ;;
    test)
        echo git check clang clang-tidy clang-format libclang-rt-14-dev cppcheck valgrind pmccabe \
            binutils strace wrk chromium libapache2-mod-oauth2
        ;;
    bench) echo wrk strace ;;
    *) die "no group called $1 (run, test, bench)" ;;
    esac
}

pins_of() {
    case $1 in
    run) echo tests/kit/requirements.txt ;;
    test) echo tests/http/requirements.txt ;;
    esac
}

is_installed() {
    # "install ok installed", or "hold ok installed".
    case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
    *" ok installed") return 0 ;;
    esac
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_packages() {
    missing=
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || die "needs these Debian packages:$missing"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "needs root to install$missing: run this as root, or install sudo"
    fi
    say "Debian packages:$missing"
    log=build/install.log
    mkdir -p build
    apt="env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 -o APT::Color=0 -q"
    # shellcheck disable=SC2086 # words on purpose
    if ! { as_root $apt update && as_root $apt install -y --no-install-recommends $missing; } \
        >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "apt-get failed; all it said is in $log"
    fi
}

install_pins() {
    python=/usr/bin/python3
    pins=$(pins_of "$1")
    [ -n "$pins" ] || return 0
    stamp=build/venv/installed-$1
    want="$(sha256sum <"$pins") $($python -V)"
    if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && [ -x build/venv/bin/python ]; then
        return 0
    fi
    if ! build/venv/bin/python -c 'import pip' 2>/dev/null; then
        say "Python environment in build/venv"
        rm -rf build/venv
        mkdir -p build
        $python -m venv build/venv
    fi
    say "Python packages of $pins"
    build/venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
        --require-hashes --only-binary :all: -r "$pins"
    printf '%s\n' "$want" >"$stamp"
}

# The tests' second emulator: Node comes as a wheel with the pins, dynalite by package-lock.json.
install_dynalite() {
    pins=tests/http/dynalite
    place=build/dynalite
    want="$(cat "$pins/package.json" "$pins/package-lock.json" | sha256sum)"
    if [ "$(cat "$place/installed" 2>/dev/null)" = "$want" ]; then
        return 0
    fi
    say "dynalite"
    rm -rf "$place"
    mkdir -p "$place"
    cp "$pins/package.json" "$pins/package-lock.json" "$place"
    NODE_DISABLE_COMPILE_CACHE=1 PATH="$PWD/build/venv/bin:$PATH" npm ci --prefix "$place" \
        --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
        --cache build/npm >/dev/null
    printf '%s\n' "$want" >"$place/installed"
}

[ $# -gt 0 ] || die "usage: install.sh GROUP..."
packages=
for group in "$@"; do
    more=$(packages_of "$group")
    packages="$packages $more"
done
# shellcheck disable=SC2086 # words on purpose
install_packages $packages
for group in "$@"; do
    install_pins "$group"
    [ "$group" != test ] || install_dynalite
done
