// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Membership`]: whether a machine belongs to a domain, as far as the hives show.

use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::view::View;
use crate::meaning::primary_domain;
use crate::meaning::system::ProductType;

/// Whether a machine belongs to a domain.
pub(super) enum Membership {
    /// A member of a domain at the last policy update, with its distinguished name.
    Named(String),
    /// A domain controller.
    Controller,
    /// A member of the primary domain, with its name if known.
    Domain(Option<String>),
    /// In a workgroup, with its name if known.
    Workgroup(Option<String>),
    /// The hives do not show.
    Unknown,
}

impl Membership {
    /// Returns the membership of a machine, with the facts behind it. A DNS suffix is no evidence.
    pub(super) fn of(view: &View<'_>) -> (Self, Vec<String>) {
        if let Some((name, id)) = view.filled(Code::SystemDistinguishedName) {
            return (Self::Named(name), Vec::from([id]));
        }
        if let Some((name, id)) = view.text(Code::SystemProductType)
            && ProductType::parse(&name) == Some(ProductType::DomainController)
        {
            return (Self::Controller, Vec::from([id]));
        }
        let Some(exhibit) = view.one(Code::SystemPrimaryDomainSid) else {
            return (Self::Unknown, Vec::new());
        };
        let mut facts = Vec::from([exhibit.id.clone()]);
        let name = view.filled(Code::SystemPrimaryDomain).map(|(name, id)| {
            facts.push(id);
            name
        });
        match primary_domain::sid(&exhibit.fact.data) {
            Some(_) => (Self::Domain(name), facts),
            None if exhibit.fact.data.iter().all(|byte| *byte == 0) => {
                (Self::Workgroup(name), facts)
            }
            None => (Self::Unknown, Vec::new()),
        }
    }
}
