// SPDX-License-Identifier: MIT OR Apache-2.0

//! The services of a machine, from the lists in `neighbors/`.
//!
//! A line has these columns: first version of the kernel, name, type, start, image, account,
//! dependencies, display name, library. An image without a path is the group of a svchost.exe.

use crate::scenario::neighbors;
use crate::scenario::release::{Kernel, Release};
use crate::tree::{Key, Value};

/// Windows XP and Server 2003 have the names of services in plain text.
const PLAIN: &str = include_str!("../../neighbors/services-xp.txt");
const LATER: &str = include_str!("../../neighbors/services.txt");

/// Adds the services of `release`.
pub(crate) fn add(services: &mut Key, release: &Release) {
    let list = if release.kernel < Kernel::V6_1 { PLAIN } else { LATER };
    for line in neighbors::lines(list) {
        let fields: Vec<&str> = line.split('|').collect();
        let [since, name, kind, start, image, account, needs, display_name, library] = fields[..]
        else {
            panic!("nine fields: {line}");
        };
        if Kernel::parse(since).expect("a version of Windows") > release.kernel {
            continue;
        }
        let key = services.at(name);
        key.push(number("Type", kind))
            .push(number("Start", start))
            .push(Value::dword("ErrorControl", 1))
            .push(Value::expand_sz("ImagePath", &command(image, release)))
            .push(Value::sz("DisplayName", display_name));
        if !account.is_empty() {
            key.push(Value::sz("ObjectName", account));
        }
        if !needs.is_empty() {
            key.push(Value::multi_sz("DependOnService", &needs.split(';').collect::<Vec<_>>()));
        }
        if !library.is_empty() {
            key.at("Parameters").push(Value::expand_sz("ServiceDll", library));
        }
    }
}

/// Windows 10 and later protect the groups of svchost.exe with -p.
fn command(image: &str, release: &Release) -> String {
    if image.contains('\\') {
        return image.to_owned();
    }
    let protected = if release.kernel >= Kernel::V10_0 { " -p" } else { "" };
    format!(r"%SystemRoot%\system32\svchost.exe -k {image}{protected}")
}

fn number(name: &str, text: &str) -> Value {
    Value::dword(name, text.parse().expect("a number"))
}
