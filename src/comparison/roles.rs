// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of roles.

use alloc::vec::Vec;

use crate::comparison::item::{Items, Thing};
use crate::comparison::side::Side;
use crate::report::{ComparedValue, Host, ItemSubject, RoleReport, RoleState, Text};

/// Compares the roles of the hosts.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    let session_host: fn(&Host) -> &RoleReport = |host| &host.session_host;
    let license_server: fn(&Host) -> &RoleReport = |host| &host.license_server;
    for (code, title, of) in [
        ("session_host", "Role as a session host", session_host),
        ("license_server", "Role as a license server", license_server),
    ] {
        let thing = Thing { subject: ItemSubject::Role, code, title };
        let (one, other) = (of(a.host), of(b.host));
        let values = (value(a, one), value(b, other));
        if one.state == other.state {
            items.equal();
        } else {
            let unknown = [one, other].into_iter().filter(|it| it.state == RoleState::Unknown);
            let doubts: Vec<Text> = unknown.map(|it| it.statement.clone()).collect();
            if doubts.is_empty() {
                items.changed(thing, values.0, values.1);
            } else {
                items.not_determinable(thing, values.0, values.1, doubts);
            }
        }
    }
}

fn value(side: &Side<'_>, role: &RoleReport) -> ComparedValue {
    let state = match role.state {
        RoleState::Present => "present",
        RoleState::Absent => "absent",
        RoleState::NotApplicable => "serves sessions without the role",
        RoleState::Unknown => "unknown",
    };
    side.value(state, &side.facts(&role.facts))
}
