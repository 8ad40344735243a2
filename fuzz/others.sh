#!/usr/bin/env bash
# Feeds the same mutated hives to calhive and to five readers of other projects (nt-hive, nt_hive2, notatin, regf,
# winreg-core). Each reader has a process of its own, 2 seconds for each hive, and 4 GiB of address space. Prints a
# table of panics, hangs and aborts. `fuzz/others.sh 10000` takes the number of hives.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/others"

target=${CARGO_TARGET_DIR:-$PWD/target}/others
cargo build --locked --release --quiet --target-dir "$target"
ulimit -v $((4 << 20)) -c 0
export RUST_BACKTRACE=0
exec "$target/release/calhive-others" "${1:-10000}"
