// SPDX-License-Identifier: GPL-3.0-or-later
//! Links hivex if it is installed.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(hivex)");
    if pkg_config::Config::new().probe("hivex").is_ok() {
        println!("cargo::rustc-cfg=hivex");
    }
}
