// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Identity`]: what identifies a license server in tokens and certificates: product ID, key and names.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::meaning::MachineName;
use crate::report::{LicenseReport, LinkedBy};

/// What identifies a license server. Microsoft documents the product ID ([MS-RDPELE] 2.2.2.9.2). Public samples show
/// that a server uses one key for its certificates. Different servers can have the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// Names: the computer name first, then the name in the certificate.
    pub(super) names: Vec<String>,
    /// Product IDs.
    pub(super) product_ids: Vec<String>,
    /// SHA-256 of the modulus of each key, in hex.
    pub(super) keys: Vec<String>,
}

impl Identity {
    /// Returns what a certificate states about the license server that issued it.
    pub(super) fn of_license(license: &LicenseReport) -> Self {
        let mut names: Vec<String> = license.license_server.iter().cloned().collect();
        if let Some(name) = &license.issuer {
            let name_form = MachineName::from(name.as_str());
            if !names.iter().any(|it| MachineName::from(it.as_str()).is_same(&name_form)) {
                names.push(name.clone());
            }
        }
        Self {
            names,
            product_ids: license.license_server_id.iter().cloned().collect(),
            keys: license.license_server_key_sha256.iter().cloned().collect(),
        }
    }

    /// Returns what a certificate with this identity is linked to its license server by.
    pub(super) fn linked_by(&self) -> Vec<LinkedBy> {
        let by = [
            (LinkedBy::ProductId, !self.product_ids.is_empty()),
            (LinkedBy::Key, !self.keys.is_empty()),
            (LinkedBy::Name, self.product_ids.is_empty() && self.keys.is_empty()),
        ];
        by.into_iter().filter_map(|(by, is_present)| is_present.then_some(by)).collect()
    }

    /// Whether only names identify the server.
    fn is_named_only(&self) -> bool {
        self.product_ids.is_empty() && self.keys.is_empty()
    }

    /// Returns the comparable forms of everything that identifies the server. Names count only if nothing else
    /// does.
    fn marks(&self) -> Vec<(LinkedBy, String)> {
        if self.is_named_only() {
            let form = |name: &String| MachineName::from(name.as_str()).comparable();
            return self.names.iter().take(1).map(|it| (LinkedBy::Name, form(it))).collect();
        }
        let ids = self.product_ids.iter().map(|it| (LinkedBy::ProductId, it.to_uppercase()));
        ids.chain(self.keys.iter().map(|it| (LinkedBy::Key, it.clone()))).collect()
    }

    /// Adds what another identity of the same server states.
    fn merge(&mut self, other: Self) {
        for (own, others) in [
            (&mut self.names, other.names),
            (&mut self.product_ids, other.product_ids),
            (&mut self.keys, other.keys),
        ] {
            for text in others {
                if !own.iter().any(|it| it.to_uppercase() == text.to_uppercase()) {
                    own.push(text);
                }
            }
        }
    }
}

/// The license servers of a report. Identities with a common product ID or key are one server.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// Identity of each server; `None` after the server was merged with another.
    all: Vec<Option<Identity>>,
    /// Number of the server with each mark.
    marks: BTreeMap<(LinkedBy, String), usize>,
}

impl Servers {
    /// Adds an identity.
    pub(super) fn add(&mut self, identity: Identity) {
        let marks = identity.marks();
        let mut known: Vec<usize> =
            marks.iter().filter_map(|mark| self.marks.get(mark).copied()).collect();
        known.sort_unstable();
        known.dedup();
        let number = known.first().copied().unwrap_or(self.all.len());
        if number == self.all.len() {
            self.all.push(Some(Identity::default()));
        }
        let others: Vec<Identity> = known
            .iter()
            .skip(1)
            .filter_map(|other| self.all.get_mut(*other).and_then(Option::take))
            .collect();
        if let Some(Some(server)) = self.all.get_mut(number) {
            others.into_iter().chain([identity]).for_each(|other| server.merge(other));
        }
        for server in self.marks.values_mut().filter(|server| known.contains(server)) {
            *server = number;
        }
        self.marks.extend(marks.into_iter().map(|mark| (mark, number)));
    }

    /// Returns the number of the server with this identity. If only a name is known, returns the only server
    /// with the name.
    pub(super) fn find(&self, identity: &Identity) -> Option<usize> {
        let marks = identity.marks();
        let own = marks.iter().find_map(|mark| self.marks.get(mark).copied())?;
        if !identity.is_named_only() {
            return Some(own);
        }
        let name = MachineName::from(identity.names.first()?.as_str());
        match self.with_name(&name).filter(|number| *number != own).collect::<Vec<_>>()[..] {
            [only] => Some(only),
            _ => Some(own),
        }
    }

    /// Returns everything that is known about a server.
    pub(super) fn identity(&self, number: usize) -> Identity {
        self.all.get(number).cloned().flatten().unwrap_or_default()
    }

    /// Returns the identities of the servers with a name.
    pub(super) fn named(&self, name: &MachineName) -> Vec<Identity> {
        self.with_name(name).map(|number| self.identity(number)).collect()
    }

    fn with_name(&self, name: &MachineName) -> impl Iterator<Item = usize> {
        let is_same = |it: &String| MachineName::from(it.as_str()).is_same(name);
        let all = self.all.iter().enumerate();
        let with: Vec<usize> = all
            .filter_map(|(number, it)| Some((number, it.as_ref()?)))
            .filter(|(_, it)| it.names.iter().any(is_same))
            .map(|(number, _)| number)
            .collect();
        with.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn identity(name: &str, product_id: &str, key: &str) -> Identity {
        let some = |text: &str| if text.is_empty() { vec![] } else { vec![String::from(text)] };
        Identity { names: some(name), product_ids: some(product_id), keys: some(key) }
    }

    fn number(servers: &Servers, name: &str, product_id: &str, key: &str) -> Option<usize> {
        servers.find(&identity(name, product_id, key))
    }

    #[test]
    fn common_key_or_product_id_joins_servers_of_different_names() {
        let mut servers = Servers::default();
        servers.add(identity("DC01", "P1", ""));
        servers.add(identity("LS", "", "K1"));
        servers.add(identity("Other", "P2", "K2"));
        assert_ne!(number(&servers, "", "P1", ""), number(&servers, "", "", "K1"));
        servers.add(identity("DC01", "P1", "K1"));
        assert_eq!(number(&servers, "", "P1", ""), number(&servers, "", "", "K1"));
        assert_ne!(number(&servers, "", "P2", ""), number(&servers, "", "", "K1"));
        let all = servers.identity(number(&servers, "", "P1", "").unwrap());
        assert_eq!(all.names, ["DC01", "LS"]);
    }

    #[test]
    fn equal_names_join_only_servers_without_key_and_product_id() {
        let mut servers = Servers::default();
        servers.add(identity("LS", "P1", "K1"));
        servers.add(identity("LS", "P2", "K2"));
        assert_ne!(number(&servers, "", "P1", ""), number(&servers, "", "P2", ""));
        servers.add(identity("ls.example", "", ""));
        assert_eq!(servers.named(&MachineName::from("LS")).len(), 3, "none of the two is meant");
        let mut servers = Servers::default();
        servers.add(identity("LS", "P1", "K1"));
        servers.add(identity("ls.example", "", ""));
        assert_eq!(number(&servers, "LS", "", ""), number(&servers, "", "P1", ""));
    }
}
