// SPDX-License-Identifier: MIT OR Apache-2.0

//! Domain, workgroup or directory of a machine, and its traces in the hives.

use crate::tree::{Key, Value};

/// DNS name of the domain.
const DOMAIN: &str = "corp.example";
const TENANT: &str = "5f0c1c3e-7d42-4b8a-9e16-2a3b4c5d6e7f";
const THUMBPRINT: &str = "3B8E5C1D7F904A26B1C0D4E82F6A7953C8D1E04B";

/// Workgroup, domain or Entra tenant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Membership {
    Workgroup,
    Domain,
    Entra,
}

impl Membership {
    /// Returns the DNS suffix.
    pub(crate) fn domain(self) -> &'static str {
        if self == Self::Domain { DOMAIN } else { "" }
    }

    /// CloudDomainJoin of a control set, if any.
    pub(crate) fn write_system(self, control: &mut Key, joined: u64) {
        if self != Self::Entra {
            return;
        }
        let join = control.made("CloudDomainJoin", joined);
        join.made(&format!(r"JoinInfo\{THUMBPRINT}"), joined)
            .push(Value::sz("TenantId", TENANT))
            .push(Value::sz("UserEmail", "user@corp.example"))
            .push(Value::sz("IdpDomain", "login.corp.example"));
        let authority = format!("https://login.corp.example/{TENANT}/oauth2");
        join.made(&format!(r"TenantInfo\{TENANT}"), joined)
            .push(Value::sz("DisplayName", "Example Corporation"))
            .push(Value::sz("AuthCodeUrl", &format!("{authority}/authorize")))
            .push(Value::sz("AccessTokenUrl", &format!("{authority}/token")));
    }

    /// Last result of group policy.
    pub(crate) fn write_software(self, root: &mut Key, computer_name: &str, applied: u64) {
        let windows = r"Microsoft\Windows\CurrentVersion";
        if self != Self::Domain {
            return;
        }
        let name = format!("CN={computer_name},OU=Servers,DC=corp,DC=example");
        let state = root.made(&format!(r"{windows}\Group Policy\State\Machine"), applied);
        state
            .push(Value::sz("Distinguished-Name", &name))
            .push(Value::sz("Site-Name", "Default-First-Site-Name"));
        state
            .made(r"GPO-List\0", applied)
            .push(Value::dword("Version", 65_537))
            .push(Value::sz("DisplayName", "Default Domain Policy"))
            .push(Value::sz("SOM", "DC=corp,DC=example"));
        state.made(r"Extension-List\{00000000-0000-0000-0000-000000000000}", applied);
        root.at(r"Microsoft\Windows NT\CurrentVersion\Winlogon")
            .push(Value::sz("DefaultDomainName", "CORP"));
    }
}
