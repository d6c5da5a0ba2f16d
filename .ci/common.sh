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

# The SIMD levels of this CPU, lowest first, one per line.
simd_levels() {
    cargo build --locked --release >&2
    "$target_dir/release/bitspin" --version --verbose | sed -n 's/^available: \(.*\) (.*/\1/p' | tr -d ' ' | tr , '\n'
}

# The version of Rust that the workspace promises to build with.
stated_rust_version() {
    sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml
}

# The Cortex-M4F and the Cortex-M0.
cortex_m_targets=(thumbv7em-none-eabihf thumbv6m-none-eabi)
# What the core is checked for besides: RISC-V without atomics, and WebAssembly.
other_targets=(riscv32imc-unknown-none-elf wasm32-unknown-unknown)

# Sets `cortex_m_cargo` and `build_std`. Where rustup has the targets, they are used. Elsewhere Debian's compiler builds its
# own `core` from source; nothing but `core` is built, so that any use of `alloc` fails there too.
choose_cortex_m_toolchain() {
    if have_cortex_m_targets; then
        cortex_m_cargo=(cargo)
        build_std=()
    else
        need_packages rustc-web cargo-web rust-web-src
        # The feature -Zbuild-std is only there for a compiler that takes itself for a nightly one. rustup's has the linker.
        linkers=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
        cortex_m_cargo=(env RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 "PATH=$PATH:$linkers" /usr/bin/cargo)
        build_std=(-Zbuild-std=core)
    fi
    printf 'with %s\n' "$("${cortex_m_cargo[@]}" --version)"
    # Flags from the environment would take the place of those in .cargo/config.toml, which are on trial here too.
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
}

have_cortex_m_targets() {
    local installed target
    installed=$(rustup target list --installed 2>/dev/null) || return 1
    for target in "${cortex_m_targets[@]}" "${other_targets[@]}"; do
        grep -qx "$target" <<<"$installed" || return 1
    done
}
