# What the scripts of this folder share. Sourced from the root of the workspace, never run.
# shellcheck shell=bash

# Where cargo puts what it builds. Builds with other flags or for other machines get a folder of their own in it.
target_dir=${CARGO_TARGET_DIR:-target}

# rustup's tools come before any that a package of the system has put in /usr/bin.
export PATH="${CARGO_HOME:-${HOME:-/root}/.cargo}/bin:$PATH"

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Installs those of the named Debian packages that are missing, which takes root; without it, says what to install.
need_packages() {
    local missing=() package state
    for package; do
        state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>&1) || true
        [ "$state" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    { command -v apt-get && [ "$(id -u)" = 0 ]; } >/dev/null || fail "install first: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# The version of Rust that the workspace promises to build with.
stated_rust_version() {
    sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml
}
