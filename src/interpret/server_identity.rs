// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Identity`]: what identifies a license server in tokens and certificates: product ID, key and names.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::OnceCell;

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
}

/// The license servers of a report. Identities with a common product ID or key are one server.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// All identities, each linked to the server that it belongs to.
    all: Vec<Entry>,
    /// Number of an entry of the server with each mark.
    marks: BTreeMap<(LinkedBy, String), usize>,
    /// Numbers of the servers with each name. Empty until the first look-up after a change.
    names: OnceCell<BTreeMap<String, Vec<usize>>>,
}

/// An identity. The identities of one server are a tree, to find the server, and a list, in the order of its names.
#[derive(Debug)]
struct Entry {
    identity: Identity,
    /// Entry above this one in the tree. The root is its own parent.
    parent: usize,
    /// Number of entries below a root, and the root.
    size: usize,
    /// First entry of the list, at a root. Its number is the number of the server.
    first: usize,
    /// Last entry of the list, at a root.
    last: usize,
    next: Option<usize>,
}

impl Servers {
    /// Adds an identity.
    pub(super) fn add(&mut self, identity: Identity) {
        let marks = identity.marks();
        let of_mark = |mark| self.marks.get(mark).map(|entry| self.root(*entry));
        let mut known: Vec<usize> = marks.iter().filter_map(of_mark).collect();
        known.sort_unstable_by_key(|root| self.number(*root));
        known.dedup();
        let entry = self.all.len();
        self.all.push(Entry {
            identity,
            parent: entry,
            size: 1,
            first: entry,
            last: entry,
            next: None,
        });
        known.push(entry);
        known.into_iter().reduce(|one, other| self.join(one, other));
        self.marks.extend(marks.into_iter().map(|mark| (mark, entry)));
        self.names.take();
    }

    /// Returns the number of the server with this identity. If only a name is known, returns the only server
    /// with the name.
    pub(super) fn find(&self, identity: &Identity) -> Option<usize> {
        let marks = identity.marks();
        let own = marks.iter().find_map(|mark| self.marks.get(mark).copied())?;
        let own = self.number(self.root(own));
        if !identity.is_named_only() {
            return Some(own);
        }
        let named = self.named(&MachineName::from(identity.names.first()?.as_str()));
        let mut others = named.iter().filter(|number| **number != own);
        match (others.next(), others.next()) {
            (Some(only), None) => Some(*only),
            _ => Some(own),
        }
    }

    /// Returns everything that is known about a server.
    pub(super) fn identity(&self, number: usize) -> Identity {
        let [mut names, mut product_ids, mut keys] = [(); 3].map(|()| Texts::default());
        let mut next = Some(number);
        while let Some(entry) = next.and_then(|entry| self.all.get(entry)) {
            let Identity { names: of_names, product_ids: of_ids, keys: of_keys } = &entry.identity;
            names.extend(of_names);
            product_ids.extend(of_ids);
            keys.extend(of_keys);
            next = entry.next;
        }
        Identity { names: names.all, product_ids: product_ids.all, keys: keys.all }
    }

    /// Returns the numbers of the servers with a name, in ascending order.
    pub(super) fn named(&self, name: &MachineName) -> &[usize] {
        let names = self.names.get_or_init(|| self.by_name());
        names.get(&name.comparable()).map_or(&[], Vec::as_slice)
    }

    fn by_name(&self) -> BTreeMap<String, Vec<usize>> {
        let mut named: BTreeSet<(String, usize)> = BTreeSet::new();
        for (number, entry) in self.all.iter().enumerate() {
            let number = self.number(self.root(number));
            let forms = entry.identity.names.iter().map(|it| MachineName::from(&**it).comparable());
            named.extend(forms.map(|form| (form, number)));
        }
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (form, number) in named {
            names.entry(form).or_default().push(number);
        }
        names
    }

    /// Returns the root above an entry.
    fn root(&self, mut entry: usize) -> usize {
        while let Some(parent) = self.all.get(entry).map(|it| it.parent).filter(|it| *it != entry) {
            entry = parent;
        }
        entry
    }

    /// Returns the number of the server with this root.
    fn number(&self, root: usize) -> usize {
        self.all.get(root).map_or(root, |it| it.first)
    }

    /// Joins two servers, and returns the root of both. What the first one states precedes.
    fn join(&mut self, one: usize, other: usize) -> usize {
        let of = |root: usize| self.all.get(root).map(|it| (it.size, it.first, it.last));
        let (Some((size, first, middle)), Some((of_other, second, last))) = (of(one), of(other))
        else {
            return one;
        };
        // The larger tree stays the root, which keeps the ways to the root short.
        let (root, below) = if size < of_other { (other, one) } else { (one, other) };
        if let Some(entry) = self.all.get_mut(middle) {
            entry.next = Some(second);
        }
        if let Some(entry) = self.all.get_mut(below) {
            entry.parent = root;
        }
        if let Some(entry) = self.all.get_mut(root) {
            (entry.size, entry.first, entry.last) = (size.saturating_add(of_other), first, last);
        }
        root
    }
}

/// Texts, each once. Letter case makes no difference, and the first spelling counts.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    known: BTreeSet<String>,
}

impl Texts {
    fn extend(&mut self, texts: &[String]) {
        for text in texts {
            if self.known.insert(text.to_uppercase()) {
                self.all.push(text.clone());
            }
        }
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

    #[test]
    fn joined_servers_keep_the_order_of_their_names() {
        let mut servers = Servers::default();
        for index in 0..100 {
            servers.add(identity(&alloc::format!("LS{index}"), &alloc::format!("P{index}"), ""));
        }
        // Each key joins a server with the one before it, from the last to the first.
        for index in (1..100).rev() {
            let key = alloc::format!("K{index}");
            servers.add(identity("", &alloc::format!("P{index}"), &key));
            servers.add(identity("ls0", &alloc::format!("P{}", index - 1), &key));
        }
        let number = number(&servers, "", "P99", "").unwrap();
        assert_eq!((number, servers.named(&MachineName::from("LS50"))), (0, &[0][..]));
        let all = servers.identity(number);
        let names: Vec<String> = (0..100).map(|index| alloc::format!("LS{index}")).collect();
        assert_eq!((all.names, all.product_ids.len(), all.keys.len()), (names, 100, 99));
    }
}
