// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a machine belongs to a directory, as far as the hives show.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::view::View;
use crate::meaning::primary_domain;
use crate::meaning::system::ProductType;

/// Whether a machine belongs to a directory.
pub(super) enum Membership {
    /// A domain controller, a member of a domain, or joined to a tenant.
    Member,
    /// In a workgroup: a sentence that says so, and the facts behind the sentence.
    Workgroup(String, Vec<String>),
    /// The hives do not show.
    Unknown,
}

impl Membership {
    /// Returns the membership of a machine. A DNS suffix is no evidence.
    pub(super) fn of(view: &View<'_>) -> Self {
        let product = view.text(Code::SystemProductType);
        let product = product.and_then(|(name, _)| ProductType::parse(&name));
        let is_named = view.filled(Code::SystemDistinguishedName).is_some();
        let is_joined = view.one(Code::SystemEntraTenant).is_some();
        if product == Some(ProductType::DomainController) || is_named || is_joined {
            return Self::Member;
        }
        let Some(exhibit) = view.one(Code::SystemPrimaryDomainSid) else { return Self::Unknown };
        match primary_domain::sid(&exhibit.fact.data) {
            Some(_) => Self::Member,
            None if exhibit.fact.data.iter().any(|byte| *byte != 0) => Self::Unknown,
            None => {
                let mut facts = Vec::from([exhibit.id.clone()]);
                let name = view.filled(Code::SystemPrimaryDomain).map(|(name, id)| {
                    facts.push(id);
                    format!(" {name}")
                });
                let name = name.unwrap_or_else(|| String::from(" of an unknown name"));
                let words = format!("the machine is in the workgroup{name}, per SECURITY");
                Self::Workgroup(words, facts)
            }
        }
    }
}
