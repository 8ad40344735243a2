// SPDX-License-Identifier: MIT OR Apache-2.0

//! Small tokens as fuzzing seeds.

use super::{Generation, HostSpec, TokenSpec, chain, host_certificate, odd};
use crate::clean::File;
use crate::rng::Rng;

/// Index of the test key of 512 bits.
const SMALL: usize = 4;

/// Odd tokens with the most different forms.
const ODD: [&str; 5] = [
    "v1 server certificate",
    "duplicate extension",
    "indefinite length everywhere",
    "names of T61String",
    "cut in the extensions",
];

/// Returns tokens of all kinds, the structure that carries tokens, and the chain of a host.
pub fn seeds() -> Vec<File> {
    let token = |generation| TokenSpec { key: SMALL, ..TokenSpec::generation(generation) };
    let newest = token(Generation::Server2012);
    let chained = TokenSpec { above: 2, ..token(Generation::Server2008) };
    let random = TokenSpec { key: SMALL, above: 0, ..TokenSpec::random(&mut Rng::new(5)) };
    let host = HostSpec { key: SMALL, ..HostSpec::new(&newest, "RDSH01") };
    let host = chain(&[newest.certificates().swap_remove(0), host_certificate(&host)]);
    let mut seeds = [
        ("server-2003", token(Generation::Server2003).encode()),
        ("server-2012", newest.encode()),
        ("chained", chained.encode()),
        ("random", random.encode()),
        ("leaf-alone", newest.certificates().swap_remove(1)),
        ("new-license-info", newest.new_license_info()),
        ("host-chain", host),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .to_vec();
    let odd = odd().into_iter().filter(|odd| ODD.contains(&odd.name));
    seeds.extend(odd.map(|odd| (crate::clean::dashed(odd.name), odd.token)));
    seeds.into_iter().map(|(name, bytes)| File { path: format!("{name}.der"), bytes }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_small() {
        let seeds = seeds();
        assert_eq!(seeds.len(), 12);
        assert!(seeds.iter().all(|file| file.bytes.len() < 3000));
    }
}
